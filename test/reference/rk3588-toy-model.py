"""Exports a SubTransformer of HAT's shape (random weights) as encoder.onnx and decoder.onnx for the vendor compiler.

usage: python rk3588-toy-model.py CONFIG.json OUT_DIR     CONFIG: {"arch": ArchConfig, "dims": ModelDims}
Batch 1, post-norm, the decoder's full non-incremental pass, K and V inside the layers, logits of the last position left to the caller.
"""

import json
import sys

import torch
from torch import nn


class Attention(nn.Module):
    def __init__(self, query_dim, memory_dim, qkv_dim, heads):
        super().__init__()
        self.heads, self.qkv_dim = heads, qkv_dim
        self.q, self.k, self.v = nn.Linear(query_dim, qkv_dim), nn.Linear(memory_dim, qkv_dim), nn.Linear(memory_dim, qkv_dim)
        self.o = nn.Linear(qkv_dim, query_dim)

    def forward(self, x, memory, mask=None):
        split = lambda y: y.view(1, y.shape[1], self.heads, -1).transpose(1, 2)
        q, k, v = split(self.q(x)), split(self.k(memory)), split(self.v(memory))
        score = q @ k.transpose(-1, -2) * (self.qkv_dim // self.heads) ** -0.5
        if mask is not None:
            score = score + mask
        return self.o((torch.softmax(score, -1) @ v).transpose(1, 2).reshape(1, x.shape[1], self.qkv_dim))


class Layer(nn.Module):
    def __init__(self, dim, qkv_dim, ffn, heads, memory_dim=None, cross_heads=None, arbitrary=-1):
        super().__init__()
        self.attention, self.norm1 = Attention(dim, dim, qkv_dim, heads), nn.LayerNorm(dim)
        self.cross = None if memory_dim is None else Attention(dim, memory_dim, qkv_dim, cross_heads)
        self.norm2 = None if memory_dim is None else nn.LayerNorm(dim)
        self.fc1, self.fc2, self.norm3 = nn.Linear(dim, ffn), nn.Linear(ffn, dim), nn.LayerNorm(dim)
        self.memories = {-1: 1, 1: 2, 2: 3}[arbitrary]

    def forward(self, x, memories=None, mask=None):
        x = self.norm1(x + self.attention(x, x, mask))
        if self.cross is not None:
            used = memories[: self.memories]
            x = self.norm2(x + self.cross(x, used[0] if len(used) == 1 else torch.cat(used, 1)))
        return self.norm3(x + self.fc2(torch.relu(self.fc1(x))))


class Encoder(nn.Module):
    def __init__(self, arch, dims):
        super().__init__()
        d = arch["encoderEmbedDim"]
        self.table = nn.Embedding(dims["sourceVocabSize"], d)
        self.register_buffer("positions", torch.randn(1, dims["sourceLength"], d))
        self.layers = nn.ModuleList(
            Layer(d, arch["qkvDim"], f, h) for f, h in zip(arch["encoderFfnEmbedDim"], arch["encoderSelfAttentionHeads"])
        )
        self.outputs = max({-1: 1, 1: 2, 2: 3}[a] for a in arch["decoderArbitraryEndeAttn"])

    def forward(self, ids):
        x = self.table(ids) + self.positions
        outputs = []
        for layer in self.layers:
            x = layer(x)
            outputs.append(x)
        return tuple(reversed(outputs[-self.outputs :]))


class Decoder(nn.Module):
    def __init__(self, arch, dims):
        super().__init__()
        d, t = arch["decoderEmbedDim"], dims["targetLength"]
        self.table = nn.Embedding(dims["targetVocabSize"], d)
        self.register_buffer("positions", torch.randn(1, t, d))
        self.register_buffer("mask", torch.triu(torch.full((t, t), -1e4), 1)[None, None])
        self.layers = nn.ModuleList(
            Layer(d, arch["qkvDim"], f, h, arch["encoderEmbedDim"], c, a)
            for f, h, c, a in zip(
                arch["decoderFfnEmbedDim"],
                arch["decoderSelfAttentionHeads"],
                arch["decoderEndeAttentionHeads"],
                arch["decoderArbitraryEndeAttn"],
            )
        )
        self.out = nn.Linear(d, dims["targetVocabSize"], bias=False)
        self.out.weight = self.table.weight

    def forward(self, ids, *memories):
        x = self.table(ids) + self.positions
        for layer in self.layers:
            x = layer(x, memories, self.mask)
        return self.out(x)


def main():
    config, out = json.load(open(sys.argv[1])), sys.argv[2]
    arch, dims = config["arch"], config["dims"]
    torch.manual_seed(0)
    encoder, decoder = Encoder(arch, dims), Decoder(arch, dims)
    for module in (encoder, decoder):
        for name, p in module.named_parameters():
            if "norm" in name:
                nn.init.normal_(p, 1.0, 0.1)
    export = dict(opset_version=17, dynamo=False)
    source = torch.zeros(1, dims["sourceLength"], dtype=torch.int64)
    target = torch.zeros(1, dims["targetLength"], dtype=torch.int64)
    memories = tuple(torch.randn(1, dims["sourceLength"], arch["encoderEmbedDim"]) for _ in range(encoder.outputs))
    torch.onnx.export(encoder.eval(), (source,), f"{out}/encoder.onnx", input_names=["ids"], **export)
    torch.onnx.export(
        decoder.eval(),
        (target, *memories),
        f"{out}/decoder.onnx",
        input_names=["ids"] + [f"memory{i}" for i in range(len(memories))],
        output_names=["logits"],
        **export,
    )


main()
