"""The inner loops of word2vec, compiled by numba; `imi.models.word2vec` is the same in PyTorch.

Three things make them fast. The noise words are drawn once a window, not once a pair, so that a
window is a small product of matrices (Ji et al. 2016, "Parallelizing Word2Vec in Shared and
Distributed Memory"). Loops run over several rows at a time, so that a number that was loaded is
used several times. And indices are unsigned: numba would else ask of each whether it is negative,
and the processor could not take 8 or 16 numbers at once.

Shapes: a window has N context words and M targets (the word and its noise, or the inner nodes on
    the way to it); D numbers a row, rows lie one after another in flat arrays.
"""

from __future__ import annotations

import numpy as np
from numba import njit

GROUP = 4  # context words that are learned from together; see `learn_rows`
MOST_TARGETS = 64  # of one window: negatives + 1, or the longest path
LIMIT = np.float32(6.0)  # beyond it a sigmoid is taken for 0 or 1, as in the C tool
FIELDS = 4096
_CENTRES = (np.arange(FIELDS) + 0.5) / FIELDS * 12 - 6
SIGMOID = (1 / (1 + np.exp(-_CENTRES))).astype(np.float32)
SOFTPLUS = np.log1p(np.exp(_CENTRES)).astype(np.float32)
_SCALE = np.float32(FIELDS / 12)
_ZERO, _ONE = np.float32(0), np.float32(1)


@njit(cache=True, nogil=True)
def draw(state):
    """Advances the generator in state[0] (the C tool's) and returns 32 random bits."""
    state[0] = state[0] * np.uint64(25214903917) + np.uint64(11)
    return state[0] >> np.uint64(32)


@njit(cache=True, nogil=True)
def subsample(ids, start, stop, keep, state, kept):
    """Copies the words of one passage that are kept to `kept`; returns how many they are."""
    count = 0
    for place in range(start, stop):
        if draw(state) <= keep[ids[place]]:
            kept[count] = ids[place]
            count += 1
    return count


@njit(cache=True, nogil=True)
def context_of(words, count, centre, window, state, contexts):
    """Fills in the words around `centre`, a random 1 to `window` on each side; counts them."""
    reach = window - np.int64(draw(state) % np.uint64(window))
    found = 0
    for place in range(max(0, centre - reach), min(count, centre + reach + 1)):
        if place != centre:
            contexts[found] = words[place]
            found += 1
    return found


@njit(cache=True, nogil=True)
def draw_noise(word, negatives, keep, alias, state, targets):
    """Fills in the word itself, then `negatives` words of the noise, none of them the word."""
    targets[0] = word
    for number in range(1, negatives + 1):
        target = word
        while target == word:
            column = np.int64(draw(state) % np.uint64(len(keep)))
            target = column if draw(state) <= keep[column] else alias[column]
        targets[number] = target


@njit(cache=True, nogil=True, fastmath=True)
def learn_rows(inputs, outputs, rows, row_count, targets, labels, count, rate, width, scratch):
    """Makes one step of gradient descent on up to GROUP input rows and all targets; the loss.

    The loss is the sum of -log sigmoid(x . u) over pairs with label 1 and of -log sigmoid(-x . u)
    over those with label 0. All rows move at once, from where they were. With many rows at once a
    step could overshoot: hence groups of GROUP.
    """
    D = np.uintp(width)
    before, slopes = scratch[0], scratch[1]
    for k in range(count):  # targets are gathered, since they change before the inputs do
        target, here = np.uintp(targets[k]) * D, np.uintp(k) * D
        for d in range(D):
            before[here + d] = outputs[target + d]
    loss = _ZERO
    for row in range(row_count):
        x = np.uintp(rows[row]) * D
        for k in range(0, count, 3):
            a, b, c = _ZERO, _ZERO, _ZERO
            u = np.uintp(k) * D
            v, w = u + D, u + D + D
            for d in range(D):
                value = inputs[x + d]
                a += value * before[u + d]
                b += value * before[v + d]
                c += value * before[w + d]
            at = row * MOST_TARGETS + k
            slopes[at], slopes[at + 1], slopes[at + 2] = a, b, c
        for k in range(count):
            at = row * MOST_TARGETS + k
            score = min(max(slopes[at], -LIMIT), LIMIT - np.float32(1e-3))
            field = int((score + LIMIT) * _SCALE)
            chance = SIGMOID[field] if abs(slopes[at]) < LIMIT else np.float32(slopes[at] > 0)
            slopes[at] = (labels[k] - chance) * rate
            loss += SOFTPLUS[field] - labels[k] * score
        for k in range(count, count + (3 - count % 3) % 3):
            slopes[row * MOST_TARGETS + k] = _ZERO
    for row in range(row_count, GROUP):
        for k in range(count):
            slopes[row * MOST_TARGETS + k] = _ZERO
    _move_outputs(inputs, outputs, rows, row_count, targets, count, D, slopes)
    _move_inputs(inputs, rows, row_count, count, D, before, slopes)
    return loss


@njit(cache=True, nogil=True, fastmath=True)
def _move_outputs(inputs, outputs, rows, row_count, targets, count, D, slopes):
    first = rows[0]
    x = np.uintp(first) * D
    y = np.uintp(rows[1] if row_count > 1 else first) * D
    z = np.uintp(rows[2] if row_count > 2 else first) * D
    w = np.uintp(rows[3] if row_count > 3 else first) * D
    for k in range(count):
        u = np.uintp(targets[k]) * D
        a, b = slopes[k], slopes[MOST_TARGETS + k]
        c, e = slopes[2 * MOST_TARGETS + k], slopes[3 * MOST_TARGETS + k]
        for d in range(D):
            outputs[u + d] += (
                a * inputs[x + d] + b * inputs[y + d] + c * inputs[z + d] + e * inputs[w + d]
            )


@njit(cache=True, nogil=True, fastmath=True)
def _move_inputs(inputs, rows, row_count, count, D, before, slopes):
    for row in range(row_count):
        x = np.uintp(rows[row]) * D
        for k in range(0, count, 3):
            u = np.uintp(k) * D
            v, w = u + D, u + D + D
            at = row * MOST_TARGETS + k
            a, b, c = slopes[at], slopes[at + 1], slopes[at + 2]
            for d in range(D):
                inputs[x + d] += a * before[u + d] + b * before[v + d] + c * before[w + d]


@njit(cache=True, nogil=True, fastmath=True)
def learn_mean(
    inputs, outputs, rows, row_count, targets, labels, count, rate, width, scratch, only
):  # fmt: skip
    """Makes one step of CBOW: the mean of the context rows predicts; each row gets its share.

    `only` holds the number of the one input row, 0: made once, not for every window.
    """
    D = np.uintp(width)
    mean, share = scratch[2], _ONE / np.float32(row_count)
    for d in range(2 * D):
        mean[d] = _ZERO
    for row in range(row_count):
        x = np.uintp(rows[row]) * D
        for d in range(D):
            mean[d] += share * inputs[x + d]
    for d in range(D):
        mean[D + d] = mean[d]
    loss = learn_rows(mean, outputs, only, 1, targets, labels, count, rate, width, scratch)
    for row in range(row_count):
        x = np.uintp(rows[row]) * D
        for d in range(D):
            inputs[x + d] += share * (mean[d] - mean[D + d])
    return loss


@njit(cache=True, nogil=True)
def learn(
    inputs, outputs, width, ids, starts, first, last, keep, window, cbow,
    negatives, noise_keep, noise_alias, paths, turns, lengths, rate, seed,
):  # fmt: skip
    """Learns from the passages `first` to `last`; returns the summed loss and the pairs.

    With `negatives` of 0 the targets are the inner nodes of the tree: hierarchical softmax.
    """
    state = np.array([seed], dtype=np.uint64)
    longest = np.int64(1)
    for passage in range(first, last):
        longest = max(longest, starts[passage + 1] - starts[passage])
    words = np.empty(longest, dtype=np.int32)
    contexts = np.empty(2 * window + GROUP, dtype=np.int32)
    targets = np.zeros(MOST_TARGETS, dtype=np.int32)
    labels = np.zeros(MOST_TARGETS, dtype=np.float32)
    labels[0] = _ONE
    only = np.zeros(1, dtype=np.int32)
    scratch = np.zeros((3, (MOST_TARGETS + 3) * max(width, GROUP)), dtype=np.float32)
    loss, pairs = 0.0, 0
    for passage in range(first, last):
        count = subsample(ids, starts[passage], starts[passage + 1], keep, state, words)
        for centre in range(count):
            found = context_of(words, count, centre, window, state, contexts)
            if found == 0:
                continue
            size = negatives + 1
            if negatives:
                draw_noise(words[centre], negatives, noise_keep, noise_alias, state, targets)
            else:
                size = lengths[words[centre]]
                targets[:size] = paths[words[centre], :size]
                labels[:size] = turns[words[centre], :size]
            if cbow:
                loss += learn_mean(
                    inputs, outputs, contexts, found, targets, labels, size, rate, width, scratch,
                    only,
                )  # fmt: skip
                pairs += 1
                continue
            for group in range(0, found, GROUP):
                loss += learn_rows(
                    inputs, outputs, contexts[group:], min(GROUP, found - group), targets, labels,
                    size, rate, width, scratch,
                )  # fmt: skip
            pairs += found
    return loss, pairs
