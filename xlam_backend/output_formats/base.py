"""What an output format is: a way in which a model is asked to write its answer.

A format's module starts with a docstring and ends in ONE constant, `FORMAT`. It gives two functions:

write(answer, arguments_first) -> str   total: any answer without a fault (`answer.find_fault`)
read(text) -> Answer                    strict: AnswerTextError for whatever is no answer, never a guess

They are called through `render` and `parse`, which hold both to their limits. The contract, tested for
every format on the list: `parse(render(answer)) == answer`, and a text that was cut off anywhere is
refused or makes as many calls, never fewer. So each format closes what it opens or counts its calls.

The instruction that a model gets is put together from the format's words and from answers rendered by
the format itself, so that the two cannot drift apart.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from xlam_backend.domain.trajectory import ToolCall
from xlam_backend.output_formats.answer import (
    MAX_CHARACTERS,
    MAX_DEPTH,
    Answer,
    AnswerTextError,
    UnwritableAnswerError,
    find_fault,
    find_text_fault,
)

EXAMPLE = Answer(
    "I need the weather in Oslo and the rooms that are free.",
    (
        ToolCall("get_weather", {"city": "Oslo", "days": 2, "hourly": False}),
        ToolCall("find_rooms", {"guests": 1, "wishes": ["quiet", "sea view"], "price": {"most": 99.5}}),
    ),
)
NO_CALL_EXAMPLE = Answer("None of the tools can book a train.")


class OutputFormat(msgspec.Struct, frozen=True):
    """One format.

    name             what is stored; it never changes its meaning
    words            what the model is told before the example, one paragraph
    thought_words    how a thought is written, as the end of a sentence: "in a line that begins with #"
    no_call_words    how "no call is needed" is written, likewise
    has_call_keys    calls are written with the keys name and arguments, whose order may be changed
    """

    name: str
    title: str
    words: str
    thought_words: str
    no_call_words: str
    write: Callable[[Answer, bool], str]
    read: Callable[[str], Answer]
    has_call_keys: bool = False

    def render(self, answer: Answer, *, arguments_first: bool = False) -> str:
        """Write an answer; UnwritableAnswerError when no format could hold it."""
        fault = find_fault(answer)
        if fault:
            raise UnwritableAnswerError(fault)
        text = self.write(answer, arguments_first)
        if len(text) > MAX_CHARACTERS:
            raise UnwritableAnswerError(f"it would be longer than {MAX_CHARACTERS:,} characters")
        return text

    def parse(self, text: str) -> Answer:
        """Read an answer written in this format to the letter; AnswerTextError says where it is not."""
        if len(text) > MAX_CHARACTERS:
            raise AnswerTextError(f"the text is longer than {MAX_CHARACTERS:,} characters")
        fault = find_text_fault(text)
        if fault:
            raise AnswerTextError(fault)
        try:
            answer = self.read(text)
        except RecursionError:
            raise AnswerTextError(f"nested deeper than {MAX_DEPTH} levels") from None
        fault = find_fault(answer)
        if fault:
            raise AnswerTextError(fault)
        return answer

    def instruction(self, *, always_thinks: bool) -> str:
        """Return the format instruction: what to write, with examples.

        `always_thinks` asks for a thought in each answer; otherwise a thought is allowed and not shown.
        """
        example, no_call = (EXAMPLE, NO_CALL_EXAMPLE) if always_thinks else _WITHOUT_THOUGHTS
        thought = "Always write a thought first" if always_thinks else "A thought may come first"
        return "\n".join(
            (
                self.words,
                f"{thought}, {self.thought_words}.",
                "",
                "An answer with two calls:",
                self.render(example),
                "",
                f"When no call is needed, {self.no_call_words}:",
                self.render(no_call),
            )
        )


_WITHOUT_THOUGHTS = (Answer("", EXAMPLE.calls), Answer())
