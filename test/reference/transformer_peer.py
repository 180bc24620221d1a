"""Reference of transformer-peer.test.ts: HAT's Transformer by PyTorch's own functions. Reads JSON on stdin, writes JSON."""
import json
import math
import sys

import torch
import torch.nn.functional as F

torch.manual_seed(0)
task = json.load(sys.stdin)
arch = task["arch"]
w = {
    name: torch.tensor(tensor["data"], dtype=torch.float64).reshape(tensor["shape"]).requires_grad_()
    for name, tensor in task["weights"].items()
}
source, target_in, target_out = (torch.tensor(task[key]) for key in ("source", "targetIn", "targetOut"))
table = {"source": "embedding", "target": "embedding"}
if "embedding" not in w:
    table = {"source": "encoder.embedding", "target": "decoder.embedding"}
table["output"] = "decoder.output" if "decoder.output" in w else table["target"]


def linear(x, name):
    return F.linear(x, w[f"{name}.weight"], w[f"{name}.bias"])


def norm(x, name):
    return F.layer_norm(x, (x.shape[-1],), w[f"{name}.gain"], w[f"{name}.bias"], 1e-5)


def positions(length, width, columns):
    """fairseq.modules.SinusoidalPositionalEmbedding.get_embedding, from position 0."""
    half = width // 2
    frequency = torch.exp(torch.arange(half, dtype=torch.float64) * -(math.log(10000) / (half - 1)))
    angle = torch.arange(length, dtype=torch.float64)[:, None] * frequency[None]
    return torch.cat([angle.sin(), angle.cos()], 1)[:, :columns]


def attention(x, memory, name, heads, visible):
    def split(y):
        return y.unflatten(-1, (heads, -1)).transpose(1, 2)

    q, k, v = linear(x, f"{name}.query"), linear(memory, f"{name}.key"), linear(memory, f"{name}.value")
    mixed = F.scaled_dot_product_attention(split(q), split(k), split(v), attn_mask=visible)
    return norm(x + linear(mixed.transpose(1, 2).flatten(-2), f"{name}.out"), f"{name}.norm")


def feed_forward(x, name):
    return norm(x + linear(F.relu(linear(x, f"{name}.in")), f"{name}.out"), f"{name}.norm")


def embed(ids, side, width, position_width):
    rows = w[table[side]][:, :width][ids]
    return rows * math.sqrt(width) + positions(ids.shape[1], position_width, width)


real = (source != 0)[:, None, None, :]
x = embed(source, "source", arch["encoderEmbedDim"], task["positionWidths"][0])
outputs = []
for layer in range(arch["encoderLayerNum"]):
    x = attention(x, x, f"encoder.{layer}.self", arch["encoderSelfAttentionHeads"][layer], real)
    x = feed_forward(x, f"encoder.{layer}.ffn")
    outputs.append(x)

y = embed(target_in, "target", arch["decoderEmbedDim"], task["positionWidths"][1])
causal = torch.ones(y.shape[1], y.shape[1], dtype=torch.bool).tril()
for layer in range(arch["decoderLayerNum"]):
    count = {-1: 1, 1: 2, 2: 3}[arch["decoderArbitraryEndeAttn"][layer]]
    memory = torch.cat(outputs[::-1][:count], 1)  # HAT: the last, the second last, the third last
    visible = real.repeat(1, 1, 1, count)
    y = attention(y, y, f"decoder.{layer}.self", arch["decoderSelfAttentionHeads"][layer], causal)
    y = attention(y, memory, f"decoder.{layer}.ende", arch["decoderEndeAttentionHeads"][layer], visible)
    y = feed_forward(y, f"decoder.{layer}.ffn")
logits = y @ w[table["output"]][:, : arch["decoderEmbedDim"]].T
loss = F.cross_entropy(logits.flatten(0, 1), target_out.flatten(), ignore_index=0, label_smoothing=0.1)
loss.backward()
print(
    json.dumps(
        {
            "version": torch.__version__,
            "loss": loss.item(),
            "logits": logits.flatten().tolist(),
            "gradients": {name: value.grad.flatten().tolist() for name, value in w.items()},
        }
    )
)
