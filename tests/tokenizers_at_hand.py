"""A small tokenizer made on the spot, with whatever chat template a test needs."""

from __future__ import annotations

from pathlib import Path

# Whole turns, tools and calls, as the templates of today's models write them; GEN and END become the marks
# of what the assistant says, where a template has them.
TEMPLATE = """\
{%- if tools %}<|im_start|>system
{% for tool in tools %}{{ tool | tojson }}
{% endfor %}<|im_end|>
{% endif %}
{%- for message in messages %}<|im_start|>{{ message.role }}
{% if message.role == 'assistant' %}GEN{{ message.content }}
{%- for call in message.tool_calls or [] %}<call>{{ call.function | tojson }}</call>{% endfor -%}
<|im_end|>END{% else %}{{ message.content }}<|im_end|>{% endif %}
{% endfor %}
{%- if add_generation_prompt %}<|im_start|>assistant
{% endif %}"""
MARKED = TEMPLATE.replace("GEN", "{% generation %}").replace("END", "{% endgeneration %}")
PLAIN = TEMPLATE.replace("GEN", "").replace("END", "")
WITHOUT_TOOLS = (
    "{% for message in messages %}"
    "<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
WITHOUT_CALLS = PLAIN.replace(
    "{%- for call in message.tool_calls or [] %}<call>{{ call.function | tojson }}</call>{% endfor -%}\n", ""
)
# Writes the thought of an earlier turn only until the next one comes: no prompt stays what it was.
CHANGING = PLAIN.replace(
    "{{ message.content }}<|im_end|>{% endif %}", "{{ messages | length }}<|im_end|>{% endif %}"
)


def make_tokenizer(template: str | None):
    """Return a byte-level tokenizer of a few hundred tokens with this chat template."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    core = Tokenizer(models.BPE())
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=["<|im_start|>", "<|im_end|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    core.train_from_iterator(["the weather in Oslo", "assistant user tool name arguments"] * 4, trainer)
    made = PreTrainedTokenizerFast(tokenizer_object=core, eos_token="<|im_end|>")
    made.chat_template = template
    return made


def save_tokenizer(folder: Path, template: str | None) -> str:
    """Write such a tokenizer into a folder; returns its path as people type it."""
    make_tokenizer(template).save_pretrained(folder)
    return str(folder)
