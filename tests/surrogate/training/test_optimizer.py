"""One optimizer of two: each part updates its own weights, and both resume."""

import numpy as np
import pytest
import torch
from torch.optim import Muon

from recexplainer.surrogate.training.optimizer import Float32Muon, MuonAndAdamW, build_optimizer


def weights():
    generator = torch.Generator().manual_seed(0)
    return [torch.nn.Parameter(torch.randn(shape, generator=generator)) for shape in ((6, 4), (5,))]


def gradients(step):
    generator = torch.Generator().manual_seed(step)
    return [torch.randn(shape, generator=generator) for shape in ((6, 4), (5,))]


def updated(optimizer, matrix, other, steps):
    for step in steps:
        matrix.grad, other.grad = gradients(step)
        optimizer.step()
        optimizer.zero_grad()


def test_an_update_of_a_matrix_is_nearly_orthogonal():
    """Every direction moves by about the learning rate, however its gradient is scaled."""
    matrix, other = weights()
    before = matrix.detach().clone()
    matrix.grad = torch.diag(torch.tensor([100.0, 50.0, 10.0, 5.0]))[[0, 1, 2, 3, 3, 3]]
    other.grad = torch.ones(5)
    optimizer = MuonAndAdamW([matrix], [other], lr=0.01)
    optimizer.step()
    rate = optimizer.param_groups[0]["lr"] * (6 / 4) ** 0.5  # rows beside columns, as published
    moved = torch.linalg.svdvals(before - matrix.detach()) / rate
    assert ((moved > 0.5) & (moved < 1.3)).all()


def test_the_other_weights_move_as_adamw_alone_moves_them():
    matrix, other = weights()
    alone = torch.nn.Parameter(other.detach().clone())
    both = MuonAndAdamW([matrix], [other], lr=0.01)
    single = torch.optim.AdamW([alone], lr=0.01, betas=(0.9, 0.98), weight_decay=0.0)
    updated(both, matrix, other, range(3))
    for step in range(3):
        alone.grad = gradients(step)[1]
        single.step()
    torch.testing.assert_close(other, alone)


def test_a_scheduled_rate_reaches_both_parts():
    matrix, other = weights()
    optimizer = MuonAndAdamW([matrix], [other], lr=0.01)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: float(step > 0))
    before = [w.detach().clone() for w in (matrix, other)]
    updated(optimizer, matrix, other, [0])  # at rate 0
    assert all(torch.equal(w, kept) for w, kept in zip((matrix, other), before, strict=True))
    scheduler.step()
    updated(optimizer, matrix, other, [1])
    assert not any(torch.equal(w, kept) for w, kept in zip((matrix, other), before, strict=True))


def test_it_goes_on_from_its_state_as_if_never_interrupted():
    matrix, other = weights()
    updated(MuonAndAdamW([matrix], [other], lr=0.01), matrix, other, range(4))
    resumed_matrix, resumed_other = weights()
    first = MuonAndAdamW([resumed_matrix], [resumed_other], lr=0.01)
    updated(first, resumed_matrix, resumed_other, range(2))
    second = MuonAndAdamW([resumed_matrix], [resumed_other], lr=0.5)
    second.load_state_dict(first.state_dict())
    assert [group["lr"] for group in second.param_groups] == pytest.approx([0.047, 0.01])
    updated(second, resumed_matrix, resumed_other, range(2, 4))
    np.testing.assert_array_equal(matrix.detach(), resumed_matrix.detach())
    np.testing.assert_array_equal(other.detach(), resumed_other.detach())


def test_muon_takes_the_matrices_between_the_layers_alone(surrogate):
    model = surrogate[0]
    optimizer = build_optimizer(model, 0.01, 0.0)
    names = {id(weight): name for name, weight in model.named_parameters()}
    muon, adamw = ([names[id(w)] for w in g["params"]] for g in optimizer.param_groups)
    assert all(".layers." in name for name in muon)
    assert len(muon) == 7 * model.config.language_config.num_hidden_layers
    assert sorted(muon + adamw) == sorted(names.values())


@pytest.mark.parametrize("nesterov", [True, False])
def test_muon_in_float32_updates_as_pytorchs_own(nesterov):
    """Over several steps and shapes, with decay; PyTorch iterates in bfloat16, so nearly."""
    shapes = ((6, 4), (4, 6), (6, 4), (5, 5), (6, 4))
    generator = torch.Generator().manual_seed(1)
    ours = [torch.nn.Parameter(torch.randn(shape, generator=generator)) for shape in shapes]
    theirs = [torch.nn.Parameter(matrix.detach().clone()) for matrix in ours]
    unused = torch.nn.Parameter(torch.ones(6, 4))  # it has no gradient
    chosen = {"lr": 0.05, "weight_decay": 0.1, "nesterov": nesterov}
    both = Float32Muon([*ours, unused], **chosen), Muon([*theirs, unused], **chosen)
    start = [matrix.detach().clone() for matrix in ours]
    for _ in range(4):
        for mine, other in zip(ours, theirs, strict=True):
            mine.grad = torch.randn(mine.shape, generator=generator)
            other.grad = mine.grad.clone()
        for optimizer in both:
            optimizer.step()
    for mine, other, before in zip(ours, theirs, start, strict=True):
        moved, expected = mine.detach() - before, other.detach() - before
        assert (moved - expected).norm() < 0.03 * expected.norm()
    assert torch.equal(unused, torch.ones(6, 4))


def test_muons_iteration_follows_the_compute_type():
    matrix, other = weights()
    kinds = {
        precision: type(MuonAndAdamW([matrix], [other], 0.01, precision=precision)._parts[0])
        for precision in ("float32", "bfloat16", "float16")
    }
    assert kinds == {"float32": Float32Muon, "bfloat16": Muon, "float16": Float32Muon}
