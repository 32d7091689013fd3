"""A small model from scratch: its tokens are learnt from the data, its weights are drawn by the seed.

It is there so that anybody can see the whole circle work, on any machine, in minutes. Its layers are short
convolutions and attention by turns, as in LFM2: the convolution lets each token know what stands before it.
Attention needs that to copy what was asked for into a call, and learns it late where it has to by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from xlam_backend.training.plan import TrainingPlan
from xlam_backend.training.template import studio_template

PAD, END = "<|pad|>", "<|end|>"
ROLES = ("<|system|>", "<|user|>", "<|assistant|>", "<|tool|>")
_MOST_TEXTS = 20_000
_CONTEXT = 8192
_SPREAD = 0.1  # of new weights: the usual 0.02 is for wide models, a narrow one learns nothing of it for long
# What a token never reaches beyond. A name or number is written alike wherever it stands, so that a small
# model can learn to copy it: digits stand alone, capitalised words without the space before them.
_WORDS = r" ?[a-z]+(?:_[a-z]+)*|[A-Z]+[a-z]*|[0-9]|(?: (?![a-z])|[^A-Za-z0-9 ])+"


def build_tiny(folder: Path, plan: TrainingPlan, texts_with: Callable[[Any], Iterable[str]]) -> None:
    """Write a small model and its tokenizer into a folder.

    Args:
        folder: where they go; it is made.
        plan: how large it is, and the seed.
        texts_with: gives, with a tokenizer that can only spell, the texts that will be learnt.
    """
    tokenizer = learn_tokenizer(plan.tiny_vocabulary, texts_with)
    model = new_model(tokenizer, plan)
    tokenizer.save_pretrained(folder)
    model.save_pretrained(folder)


def learn_tokenizer(size: int, texts_with: Callable[[Any], Iterable[str]]) -> Any:
    """Return a byte-level tokenizer whose tokens are learnt from texts; it can write every text."""
    speller = _wrapped(_core(()), studio_template())
    return _wrapped(_core(islice(texts_with(speller), _MOST_TEXTS), size), studio_template())


def new_model(tokenizer: Any, plan: TrainingPlan) -> Any:
    """Return a model with new weights, drawn by the seed."""
    import torch
    from transformers import Lfm2Config, Lfm2ForCausalLM

    heads = plan.tiny_hidden // 16
    config = Lfm2Config(
        vocab_size=len(tokenizer),
        hidden_size=plan.tiny_hidden,
        intermediate_size=3 * plan.tiny_hidden,
        block_auto_adjust_ff_dim=False,
        num_hidden_layers=plan.tiny_layers,
        layer_types=layer_kinds(plan.tiny_layers),
        num_attention_heads=heads,
        num_key_value_heads=heads,
        initializer_range=_SPREAD,
        max_position_embeddings=max(_CONTEXT, plan.max_length),
        tie_word_embeddings=True,
        pad_token_id=tokenizer.pad_token_id,
        eos_token_id=tokenizer.eos_token_id,
        bos_token_id=None,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(plan.seed)
        return Lfm2ForCausalLM(config)


def layer_kinds(count: int) -> list[str]:
    """Return what each layer is; the last one is attention.

    >>> layer_kinds(2), layer_kinds(3)
    (['conv', 'full_attention'], ['full_attention', 'conv', 'full_attention'])
    """
    return ["conv" if (count - number) % 2 else "full_attention" for number in range(1, count + 1)]


def _core(texts: Iterable[str], size: int = 0) -> Any:
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

    core = Tokenizer(models.BPE())
    spell = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    words = pre_tokenizers.Split(Regex(_WORDS), "isolated")
    core.pre_tokenizer = pre_tokenizers.Sequence([words, spell])
    core.decoder = decoders.ByteLevel()
    special = [PAD, END, *ROLES]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=max(size, len(special) + len(alphabet)),
        special_tokens=special,
        initial_alphabet=sorted(alphabet),
        show_progress=False,
    )
    core.train_from_iterator(_without_specials(texts, special), trainer)
    return core


def _without_specials(texts: Iterable[str], special: list[str]) -> Iterator[str]:
    """Leave the special tokens out of what tokens are learnt from: they are tokens already."""
    for text in texts:
        for each in special:
            text = text.replace(each, " ")
        yield text


def _wrapped(core: Any, template: str) -> Any:
    from transformers import PreTrainedTokenizerFast

    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=core, eos_token=END, pad_token=PAD, model_max_length=_CONTEXT
    )
    tokenizer.chat_template = template
    return tokenizer
