"""The PyTorch twin of supernet-speed.ts: nn.Transformer of the same sizes, tied embeddings, label smoothing, Adam."""
import json
import sys
import time

import torch
from torch import nn

threads, steps = int(sys.argv[1]), int(sys.argv[2])
dropout = float(sys.argv[3])
batch, length, vocabulary = (int(x) for x in sys.argv[4:7])
torch.set_num_threads(threads)
torch.manual_seed(1)
width = 256


class Twin(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, width)
        nn.init.normal_(self.embedding.weight, std=width**-0.5)
        self.transformer = nn.Transformer(width, 4, 6, 6, 1024, dropout, batch_first=True)
        self.positions = nn.Parameter(torch.zeros(length, width), requires_grad=False)
        self.register_buffer("causal", nn.Transformer.generate_square_subsequent_mask(length))

    def forward(self, source, target):
        embed = lambda ids: self.embedding(ids) * width**0.5 + self.positions
        hidden = self.transformer(
            embed(source),
            embed(target),
            tgt_mask=self.causal,
            src_key_padding_mask=source == 0,
            memory_key_padding_mask=source == 0,
        )
        return hidden @ self.embedding.weight.T


model = Twin()
optimizer = torch.optim.Adam((p for p in model.parameters() if p.requires_grad), 1e-3, betas=(0.9, 0.98))
criterion = nn.CrossEntropyLoss(label_smoothing=0.1, ignore_index=0)
ids = torch.randint(4, 204, (batch, length))
target = 4 + (ids * 7) % 7000
wall, cpu = [], []
for step in range(steps + 2):
    start, used = time.perf_counter(), time.process_time()
    loss = criterion(model(ids, ids).view(-1, vocabulary), target.view(-1))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    value = loss.item()
    if step >= 2:
        wall.append(1000 * (time.perf_counter() - start))
        cpu.append(1000 * (time.process_time() - used))
print(json.dumps({"version": torch.__version__, "ms": min(wall), "cpuMs": min(cpu), "loss": value}))
