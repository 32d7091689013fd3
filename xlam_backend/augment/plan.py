"""What an augmentation may change."""

from __future__ import annotations

import msgspec

from xlam_backend.augment.section_styles import style_by_name
from xlam_backend.errors import SettingError
from xlam_backend.output_formats import output_format_by_name


class AugmentPlan(msgspec.Struct, frozen=True):
    """What is shuffled, and between which formats and styles chance decides.

    tools          the order of the tools
    tool_keys      the order of name, description and parameters inside each tool
    parameters     the order of the parameters inside each tool
    call_keys      the order of the arguments of each call, and whether name or arguments come first
    sections       the order of the sections of the prompt, in styles that do not fix it
    formats        names of output formats; none = answers and format instruction stay
    styles         names of section styles
    """

    tools: bool = True
    tool_keys: bool = True
    parameters: bool = True
    call_keys: bool = True
    sections: bool = True
    formats: tuple[str, ...] = ()
    styles: tuple[str, ...] = ("start_end", "tags", "plain")

    def check(self) -> AugmentPlan:
        """Return the plan; SettingError or UnknownNameError when it cannot be carried out."""
        for name in self.formats:
            output_format_by_name(name)
        for name in self.styles:
            style_by_name(name)
        if not self.styles:
            raise SettingError("The plan names no section style.", "Name at least one, such as 'plain'.")
        if len({*self.formats}) < len(self.formats) or len({*self.styles}) < len(self.styles):
            raise SettingError("The plan names a format or style twice.", "Name each once.")
        return self
