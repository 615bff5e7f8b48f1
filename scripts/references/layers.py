"""Writes Tests/Programs/layers/values.maas: layers and linear algebra beside PyTorch's and NumPy's in float64.

    python3 scripts/references/layers.py > Tests/Programs/layers/values.maas
"""
import numpy as np
import torch
import torch.nn.functional as F

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)


def text(t):
    t = np.asarray(t.detach() if isinstance(t, torch.Tensor) else t)
    if t.ndim == 0:
        return repr(t.item())
    return "[" + ", ".join(text(part) for part in t) + "]"


def draw(*shape):
    # Few digits keep the program readable.
    return torch.round(torch.randn(*shape) * 100) / 100


names = 0


def let(t):
    global names
    names += 1
    print(f"let a{names} = f64({text(t)})")
    return f"a{names}"


def same(title, expression, expected):
    expected = torch.as_tensor(expected)
    wanted = text(expected) if expected.ndim == 0 else f"f64({text(expected)})"
    print(f'close("{title}", {expression}, {wanted})')


print("""# Written by scripts/references/layers.py: every number after the last comma is PyTorch's or NumPy's, in float64.
fn shape_of(x) = if type(x) == "number" { none } else { x.shape }
fn close(name, found, expected) {
  let error = max(abs(found - expected) / maximum(1, abs(expected)))
  assert(equal(shape_of(found), shape_of(expected)) and error < 1e-12, "\\(name): \\(error)")
  print(name)
}
precision(f64)

# %% Convolution and pooling""")
x, w = draw(2, 2, 5, 4), draw(3, 2, 3, 2)
X, W = let(x), let(w)
same("conv2d", f"conv2d({X}, {W})", F.conv2d(x, w))
same("conv2d with stride and padding", f"conv2d({X}, {W}, stride: (2, 1), padding: (1, 2))",
     F.conv2d(x, w, stride=(2, 1), padding=(1, 2)))
same("conv2d by one", f"conv2d({X}, {W}[.., .., 0..1, 0..1])", F.conv2d(x, w[:, :, :1, :1]))
v, g = x.clone().requires_grad_(), w.clone().requires_grad_()
(F.conv2d(v, g, stride=2, padding=1) ** 3).sum().backward()
same("conv2d's gradient in the pictures", f"grad(v => sum(conv2d(v, {W}, stride: 2, padding: 1)^3))({X})", v.grad)
same("conv2d's gradient in the weights", f"grad(v => sum(conv2d({X}, v, stride: 2, padding: 1)^3))({W})", g.grad)
same("max_pool2d", f"max_pool2d({X}, 2)", F.max_pool2d(x, 2))
same("max_pool2d with stride and padding", f"max_pool2d({X}, 3, stride: 2, padding: 1)", F.max_pool2d(x, 3, 2, 1))
same("avg_pool2d", f"avg_pool2d({X}, (2, 3), stride: 1)", F.avg_pool2d(x, (2, 3), 1))
same("avg_pool2d with padding", f"avg_pool2d({X}, 3, stride: 2, padding: 1)", F.avg_pool2d(x, 3, 2, 1))
s, k = draw(2, 3, 7), draw(4, 3, 3)
same("conv1d", f"conv1d({let(s)}, {let(k)}, stride: 2, padding: 1)", F.conv1d(s, k, stride=2, padding=1))

print("\n# %% Layers")
bn = torch.nn.BatchNorm2d(2)
bn(x)
y = bn(draw(2, 2, 5, 4) * 0 + x * 2)
print(f"let (first, bn1) = forward(BatchNorm(2), {X}, seed: 1)\nlet (second, bn2) = forward(bn1, 2 * {X}, seed: 1)")
same("BatchNorm in training", "second", y)
same("BatchNorm's running mean", "bn2.running_mean", bn.running_mean)
same("BatchNorm's running variance", "bn2.running_variance", bn.running_var)
bn.eval()
same("BatchNorm", f"bn2({X})", bn(x))
same("GroupNorm", f"GroupNorm(2, 4)({let(reshaped := x.reshape(2, 4, 5, 2))})", F.group_norm(reshaped, 2))
same("LayerNorm", f"LayerNorm(4)({X})", F.layer_norm(x, (4,)))

seq = draw(2, 3, 2)
S = let(seq)
gru = torch.nn.GRU(2, 3, batch_first=True)


def settle(module):
    """Weights of few digits, as names of the program."""
    with torch.no_grad():
        for p in module.parameters():
            p.copy_(torch.round(p * 100) / 100)
    return {n: let(p) for n, p in module.named_parameters()}


def layer(name, make, fields):
    # The gradient of a linear form in a layer's parameters is a layer whose parameters are the form's numbers.
    form = " + ".join(f"sum(m.{field} * {value})" for field, value in fields.items())
    print(f"let {name} = grad(m => {form})({make})")


w = settle(gru)
layer("gru", "GRU(2, 3)", {
    "input_weight": w["weight_ih_l0"] + ".T", "hidden_weight": w["weight_hh_l0"] + ".T",
    "input_bias": w["bias_ih_l0"], "hidden_bias": w["bias_hh_l0"]})
same("GRU", f"gru({S})", gru(seq)[0])
lstm = torch.nn.LSTM(2, 3, batch_first=True)
w = settle(lstm)
layer("lstm", "LSTM(2, 3)", {
    "input_weight": w["weight_ih_l0"] + ".T", "hidden_weight": w["weight_hh_l0"] + ".T",
    "bias": f"({w['bias_ih_l0']} + {w['bias_hh_l0']})"})
same("LSTM", f"lstm({S})", lstm(seq)[0])
attention = torch.nn.MultiheadAttention(4, 2, batch_first=True)
torch.nn.init.normal_(attention.in_proj_bias)
w = settle(attention)
wide = draw(2, 3, 4)
D = let(wide)
fields = {}
for place, part in enumerate(["query", "key", "value"]):
    fields[f"{part}.weight"] = f"{w['in_proj_weight']}[{4 * place}..{4 * place + 4}].T"
    fields[f"{part}.bias"] = f"{w['in_proj_bias']}[{4 * place}..{4 * place + 4}]"
fields["output.weight"] = w["out_proj.weight"] + ".T"
fields["output.bias"] = w["out_proj.bias"]
for causal in [False, True]:
    name = "looking_back" if causal else "attention"
    layer(name, f"MultiHeadAttention(4, 2, causal: {str(causal).lower()})", fields)
    mask = torch.triu(torch.ones(3, 3, dtype=torch.bool), 1) if causal else None
    same(f"MultiHeadAttention{', causal' if causal else ''}", f"{name}({D})",
         attention(wide, wide, wide, attn_mask=mask)[0])

print("\n# %% Losses")
p, q = draw(3, 4), draw(3, 4)
P, Q = let(p), let(q)
labels = torch.tensor([2, 0, 3])
same("cross_entropy", f"cross_entropy({P}, [2, 0, 3])", F.cross_entropy(p, labels))
same("mse", f"mse({P}, {Q})", F.mse_loss(p, q))
same("mae", f"mae({P}, {Q})", F.l1_loss(p, q))
same("huber", f"huber({P}, {Q}, delta: 0.6)", F.huber_loss(p, q, delta=0.6))
same("binary_cross_entropy", f"binary_cross_entropy({P}, sigmoid({Q}))",
     F.binary_cross_entropy_with_logits(p, torch.sigmoid(q)))
same("kl_divergence", f"kl_divergence(softmax({P}), softmax({Q}))",
     F.kl_div(torch.log_softmax(q, -1), torch.softmax(p, -1), reduction="batchmean"))

print("\n# %% Sums of products")
a, b, c = draw(2, 3, 4), draw(4, 3), draw(3, 3)
A, B, C = let(a), let(b), let(c)
for letters, names_in, parts in [
    ("bij,jk->bik", [A, B], [a, b]), ("bij,ji->b", [A, B], [a, b]), ("ii->i", [C], [c]), ("ii", [C], [c]),
    ("...ij->...ji", [A], [a]), ("bij,jk,kl->bl", [A, B, C], [a, b, c]), ("...j,jk", [A, B], [a, b]),
    ("bij->", [A], [a]), ("kl,lk,lm->m", [C, C, C], [c, c, c]),
]:
    same(f"einsum {letters}", f'einsum("{letters}", {", ".join(names_in)})',
         np.einsum(letters, *[t.numpy() for t in parts]))

print("\n# %% Linear algebra")
m, t, v = draw(4, 4) + 2 * torch.eye(4), draw(5, 3), draw(4)
M, T, V = let(m), let(t), let(v)
stack = torch.stack([m, m.T + 0.5])
same("inv", f"inv({M})", np.linalg.inv(m.numpy()))
same("inv of a stack", f"inv(stack([{M}, {M}.T + 0.5]))", np.linalg.inv(stack.numpy()))
same("det", f"det({M})", np.linalg.det(m.numpy()))
same("det of a stack", f"det(stack([{M}, {M}.T + 0.5]))", np.linalg.det(stack.numpy()))
same("solve of a vector", f"solve({M}, {V})", np.linalg.solve(m.numpy(), v.numpy()))
same("solve of a matrix", f"solve({M}, {M}.T)", np.linalg.solve(m.numpy(), m.numpy().T))
definite = m @ m.T + torch.eye(4)
same("cholesky", f"cholesky({M} @ {M}.T + eye(4))", np.linalg.cholesky(definite.numpy()))
same("eigenvalues", f"eigh({M} @ {M}.T)[0]", np.linalg.eigvalsh((m @ m.T).numpy()))
same("singular values", f"svd({T})[1]", np.linalg.svd(t.numpy())[1])
same("singular values of a wide one", f"svd({T}.T)[1]", np.linalg.svd(t.numpy())[1])
r = np.linalg.qr(t.numpy())[1]
same("qr", f"qr({T})[1]", r * np.sign(np.diag(r))[:, None])
print(f"""let (u, s, v) = svd({T})
close("svd gives the matrix back", (u * s) @ v.T, {T})
close("singular vectors are orthonormal", u.T @ u + v.T @ v, 2 * eye(3))
let (q, r) = qr({T})
close("qr gives the matrix back", q @ r, {T})
close("q is orthonormal", q.T @ q, eye(3))
let (values, vectors) = eigh({M} + {M}.T)
close("eigh gives the matrix back", (vectors * values) @ vectors.T, {M} + {M}.T)
let (u2, s2, v2) = svd([[1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [1.0, 2.0, 3.0]])
close("svd of rank one", (u2 * s2) @ v2.T, [[1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [1.0, 2.0, 3.0]])
close("its vectors are orthonormal too", u2.T @ u2, eye(3))""")
