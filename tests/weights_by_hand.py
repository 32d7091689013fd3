"""The weights of a very small model and of an adapter for it, written without torch: a header and numbers."""

from __future__ import annotations

import json

import numpy as np
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

WIDTH, INNER, TOKENS, RANK, ALPHA = 32, 48, 264, 2, 4
_LINEAR = {
    "self_attn.q_proj": (WIDTH, WIDTH),
    "self_attn.k_proj": (WIDTH, WIDTH),
    "self_attn.v_proj": (WIDTH, WIDTH),
    "self_attn.o_proj": (WIDTH, WIDTH),
    "mlp.gate_proj": (INNER, WIDTH),
    "mlp.up_proj": (INNER, WIDTH),
    "mlp.down_proj": (WIDTH, INNER),
}
CONFIG = {
    "architectures": ["Qwen3ForCausalLM"],
    "model_type": "qwen3",
    "dtype": "float32",
    "head_dim": 16,
    "hidden_act": "silu",
    "hidden_size": WIDTH,
    "intermediate_size": INNER,
    "num_attention_heads": 2,
    "num_hidden_layers": 1,
    "num_key_value_heads": 2,
    "max_position_embeddings": 512,
    "rms_norm_eps": 1e-06,
    "tie_word_embeddings": True,
    "vocab_size": TOKENS,
    "eos_token_id": 0,
    "pad_token_id": 0,
}
TARGET = "self_attn.q_proj"


def base_weights(seed=1):
    """Random weights of a model of one layer, by their names."""
    draw = np.random.default_rng(seed)
    layer = "model.layers.0."
    made = {
        "model.embed_tokens.weight": draw.normal(size=(TOKENS, WIDTH)) * 0.5,
        "model.norm.weight": np.ones(WIDTH),
        layer + "input_layernorm.weight": np.ones(WIDTH),
        layer + "post_attention_layernorm.weight": np.ones(WIDTH),
        layer + "self_attn.q_norm.weight": np.ones(16),
        layer + "self_attn.k_norm.weight": np.ones(16),
    }
    made |= {f"{layer}{name}.weight": draw.normal(size=shape) * 0.2 for name, shape in _LINEAR.items()}
    return {name: values.astype(np.float32) for name, values in made.items()}


def adapter_weights(seed=2):
    """Random weights of an adapter on one matrix of that model."""
    draw = np.random.default_rng(seed)
    rows, columns = _LINEAR[TARGET]
    stem = f"base_model.model.model.layers.0.{TARGET}."
    made = {
        stem + "lora_A.weight": draw.normal(size=(RANK, columns)),
        stem + "lora_B.weight": draw.normal(size=(rows, RANK)),
    }
    return {name: (values * 0.3).astype(np.float32) for name, values in made.items()}


def safetensors_bytes(weights):
    """Weights as a safetensors file."""
    header, place = {"__metadata__": {"format": "pt"}}, 0
    for name, values in weights.items():
        header[name] = {
            "dtype": "F32",
            "shape": list(values.shape),
            "data_offsets": [place, place + values.nbytes],
        }
        place += values.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + b"".join(values.tobytes() for values in weights.values())


def read_safetensors(content):
    """The weights in a safetensors file of 32 bit numbers, by their names."""
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    found = {}
    for name, facts in header.items():
        if name != "__metadata__":
            begin, end = facts["data_offsets"]
            assert facts["dtype"] == "F32"
            values = np.frombuffer(content[8 + length + begin : 8 + length + end], dtype=np.float32)
            found[name] = values.reshape(facts["shape"])
    return found


def tokenizer_files():
    """The files of a tokenizer that spells bytes."""
    core = Tokenizer(models.BPE())
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=TOKENS,
        special_tokens=["<|end|>"],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    core.train_from_iterator(["the weather in Oslo"], trainer)
    settings = {"tokenizer_class": "TokenizersBackend", "eos_token": "<|end|>", "pad_token": "<|end|>"}
    return {
        "tokenizer.json": core.to_str().encode(),
        "tokenizer_config.json": json.dumps(settings).encode(),
        "chat_template.jinja": b"{{ messages }}",
    }


def adapter_files(base):
    """The files of an adapter on the model in the folder `base`."""
    config = {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "base_model_name_or_path": str(base),
        "r": RANK,
        "lora_alpha": ALPHA,
        "lora_dropout": 0.0,
        "target_modules": ["q_proj"],
        "inference_mode": True,
    }
    return {
        "adapter_config.json": json.dumps(config).encode(),
        "adapter_model.safetensors": safetensors_bytes(adapter_weights()),
        **tokenizer_files(),
    }


def model_files():
    """The files of the whole model."""
    return {
        "config.json": json.dumps(CONFIG).encode(),
        "model.safetensors": safetensors_bytes(base_weights()),
        **tokenizer_files(),
    }
