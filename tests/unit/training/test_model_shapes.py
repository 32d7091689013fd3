"""Parameter counts from shapes, and shapes from what a model's folder says."""

from __future__ import annotations

import json

import pytest

from xlam_backend.training.model_shapes import KNOWN_SHAPES, find_shape, shape_of_config

_7B = "deepseek-ai/deepseek-coder-7b-instruct-v1.5"
_8X7B = "mistralai/Mixtral-8x7B-Instruct-v0.1"


@pytest.mark.parametrize(
    ("model", "billions"),
    [
        ("deepseek-ai/deepseek-coder-1.3b-instruct", 1.35),
        (_7B, 6.91),
        ("mistralai/Mistral-7B-Instruct-v0.2", 7.24),
        (_8X7B, 46.70),
        ("mistralai/Mixtral-8x22B-Instruct-v0.1", 140.63),
    ],
)
def test_parameters_are_those_of_the_published_models(model, billions):
    assert round(KNOWN_SHAPES[model].parameter_count / 1e9, 2) == billions


def test_few_parameters_of_a_mixture_read_a_token():
    shape = KNOWN_SHAPES[_8X7B]
    assert 12.5e9 < shape.active_count < 13.0e9


def test_an_adapter_leaves_fused_experts_out_unless_they_are_named():
    shape = KNOWN_SHAPES[_8X7B]
    usual = shape.adapter_count(32)
    assert usual == shape.adapter_count(32, ("q_proj", "k_proj", "v_proj", "o_proj"))
    assert shape.adapter_count(32, ("gate_proj",)) > usual
    assert shape.adapter_count(64) == 2 * usual


def test_a_dense_adapter_sits_on_every_linear_layer():
    # r * (in + out) of the seven linear layers of a block, 30 blocks
    expected = 30 * 32 * (4 * 2 * 4096 + 3 * (4096 + 11_008))
    assert KNOWN_SHAPES[_7B].adapter_count(32) == expected


def test_a_folder_says_its_shape(tmp_path):
    config = {
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "vocab_size": 960,
        "head_dim": 16,
        "tie_word_embeddings": True,
        "max_position_embeddings": 512,
    }
    (tmp_path / "config.json").write_text(json.dumps(config))
    shape = find_shape(str(tmp_path))
    assert shape is not None
    assert (shape.context, shape.is_tied, shape.key_width) == (512, True, 32)
    assert shape.parameter_count == 960 * 64 + 2 * (2 * 64 * (64 + 32) + 3 * 64 * 128 + 2 * 64) + 64


NO_HEADS = (
    b'{"hidden_size": 8, "intermediate_size": 8, "num_hidden_layers": 1, "num_attention_heads": 0, '
    b'"vocab_size": 9}'
)


@pytest.mark.parametrize(
    "text", [b"", b"{", b"[]", b"{}", b'{"hidden_size": "wide"}', b'{"\xe9": 1}', NO_HEADS]
)
def test_a_folder_that_says_nothing_has_no_shape(tmp_path, text):
    (tmp_path / "config.json").write_bytes(text)
    assert find_shape(str(tmp_path)) is None
    assert find_shape(str(tmp_path / "missing")) is None


def test_the_hub_cache_is_looked_into(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    place = tmp_path / "models--someone--small"
    (place / "refs").mkdir(parents=True)
    (place / "refs" / "main").write_text("abc")
    folder = place / "snapshots" / "abc"
    folder.mkdir(parents=True)
    config = {
        "hidden_size": 8,
        "intermediate_size": 16,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "vocab_size": 10,
    }
    (folder / "config.json").write_text(json.dumps(config))
    shape = find_shape("someone/small")
    assert shape is not None
    assert shape == shape_of_config("someone/small", config)
    assert find_shape("someone/other") is None
