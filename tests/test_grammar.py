"""Grammar that a program knows: states against real tokenizers, breaks, ends, names."""

from __future__ import annotations

import numpy as np
import pytest
from pygments.lexers import CLexer
from pygments.token import Comment, String

from imi import grammar
from imi.data import sources
from imi.data.source_code import c_source, python_source

C = 'int f(char *a) {\n  if (a[0] == \'"\') /* a "note"\n */ return "(}\\"";  // it\'s\n}\n'


def test_what_is_open_in_c_by_hand():
    states = grammar.c_states(C)
    at = {name: C.index(name) for name in ("char", "a[0", "note", "return", "}\\", "it's")}
    assert states.depth[[at["char"], at["a[0"], at["return"]]].tolist() == [1, 2, 1]
    assert states.comment[at["note"]] and not states.quoted[at["note"]]
    assert states.quoted[at["}\\"]] and states.depth[at["}\\"]] == 1
    assert states.comment[at["it's"]] and states.depth[-1] == 0
    assert not states.quoted[C.index('";') :].any()
    assert states.column[at["return"]] == 5 and states.indent[at["return"]] == 1
    assert states.column[C.index("\n")] == 0


def test_quotes_and_comments_of_real_c_are_those_of_pygments():
    try:
        text = c_source().held_out[:60_000]
    except sources.DataError as error:
        pytest.skip(str(error))
    states, place, wrong = grammar.c_states(text), 0, 0
    theirs = np.zeros((2, len(text)), dtype=bool)
    for kind, value in CLexer(stripnl=False, ensurenl=False).get_tokens(text):
        theirs[0, place : place + len(value)] |= kind in String
        # What a directive includes is a "comment" to pygments, not to C.
        theirs[1, place : place + len(value)] |= kind in (Comment.Single, Comment.Multiline)
        place += len(value)
    assert place == len(text)
    in_directive = np.zeros(len(text), dtype=bool)
    start = 0
    for line in text.splitlines(keepends=True):
        in_directive[start : start + len(line)] = line.lstrip().startswith("#")
        start += len(line)
    for mine, other in ((states.quoted, theirs[0]), (states.comment, theirs[1])):
        # A state is the one after the character: the last character of a span is out of it.
        inside = other & np.append(other[1:], False)
        wrong = (mine[:-1] != inside[:-1])[~in_directive[:-1]]
        assert wrong.mean() < 2e-3, text[np.flatnonzero(wrong)[0] - 60 :][:90]


def test_what_is_open_in_latex_by_hand():
    text = "Let $f(x$ be \\$5 % a $ (\nso $$a_{i$$ on, $x\n  \nand $y$)\n"
    states = grammar.latex_states(text)
    at = {
        name: text.index(name) for name in ("Let", "f(", "be", "5", "a $", "so", "a_{", "and", "y")
    }
    quoted = {name: bool(states.quoted[place]) for name, place in at.items()}
    assert [name for name, is_quoted in quoted.items() if is_quoted] == ["f(", "a_{", "y"]
    assert not states.quoted[text.index(", $x") + 3]  # its paragraph ends before a partner comes
    comment = {name for name, place in at.items() if states.comment[place]}
    assert comment == {"a $"}
    assert states.depth[[at["f("], at["be"], at["a_{"], at["and"]]].tolist() == [0, 1, 1, 2]
    assert states.depth[-1] == 1 and states.column[at["and"]] == 1


def test_what_is_open_in_python_by_hand():
    text = "def f(a):\n    b = [a, \"(#\", '''x\n  y''']  # see (\n    return b\n"
    states = grammar.python_states(text)
    assert states.quoted[text.index("(#")] and states.depth[text.index("(#")] == 1
    assert states.quoted[text.index("y'")] and not states.comment[text.index("(#") + 1]
    assert states.comment[text.index("see")] and states.depth[-1] == 0
    assert states.indent[text.index("return")] == 4
    with pytest.raises(ValueError, match="no Python that can be cut into tokens"):
        grammar.python_states("x = (1,\n")


def test_depth_column_and_indent_of_real_python_agree_with_a_plain_count():
    text = python_source().held_out[:40_000]
    text = text[: text.rindex("\n\n\n")]
    states = grammar.python_states(text)
    free = ~states.quoted & ~states.comment
    plain = np.cumsum([(c in "([{") - (c in ")]}") for c in np.array(list(text))[free]])
    # Brackets inside quotes are counted by neither.
    assert (states.depth[free] == plain).mean() > 0.99
    for place in (0, 77, 12_345, len(text) - 3):
        line = text[: place + 1].split("\n")[-1]
        assert states.column[place] == len(line)
        assert states.indent[place] == len(line) - len(line.lstrip(" "))


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        ("f(a[0]);", None), ("f(a[0);", "0)"), ("}", "}"), ("x = \"a\n", '"a'), ("'}' \"(\"", None),
        ("/* ( \" */ g()", None), ("((", None), ("a)b", ")b"), ("/* } ' never closed", None),
    ],
)  # fmt: skip
def test_where_c_breaks(text, broken):
    place = grammar.first_break(text)
    wanted = len(text) if broken is None else text.index(broken) + (broken == "0)")
    assert place == wanted


def test_a_c_function_ends_at_a_lone_brace_and_must_close_all():
    body = "int f(void) {\n  if (a) {\n    b();\n  }\n}\n"
    assert grammar.c_function(body + "int g;") == body[:-1]
    assert grammar.c_closes(body[:-1])
    assert not grammar.c_closes("int f(void) {\n  if (a) {\n    b();\n}")
    assert not grammar.c_closes("int f(void) {\n  b(;\n}")
    assert not grammar.c_closes("int f(void) {\n /* \n}")
    assert grammar.c_function("int f(void) { }") is None


def test_real_c_functions_close():
    try:
        text = c_source().held_out
    except sources.DataError as error:
        pytest.skip(str(error))
    starts = [place + 1 for place in range(len(text)) if text.startswith("\nint uv", place)]
    functions = [grammar.c_function(text[start : start + 4_000]) for start in starts]
    closed = [grammar.c_closes(function) for function in functions if function]
    assert len(closed) > 20 and sum(closed) / len(closed) > 0.9


def test_a_python_function_ends_at_the_next_line_that_is_not_indented():
    function = "def f(a,\n      b\n):\n    # no\n\n# note\n    return 1\n"
    assert grammar.python_function(function + "\n\nclass A:\n") == function
    assert grammar.python_function(function) is None
    assert grammar.python_parses(function)
    assert not grammar.python_parses("def f(a:\n    return 1\n")
    assert not grammar.python_parses("def f():\n    x\n  y\n")
    assert not grammar.python_parses("def f():\n    '\\x0'\0\n")


def test_names_are_known_if_they_are_bound_or_built_in():
    function = (
        "def f(a, *rest, k=limit):\n"
        "    import os.path as p\n"
        "    for i in range(a):\n"
        "        with open(p) as g:\n"
        "            h = [x for x in g if x.missing(y)]\n"
        "    return rest, k, nothing\n"
    )
    # limit, range, a, open, p, x, g, x, y, rest, k, nothing
    assert grammar.known_names(function) == (12, 9)


def test_environments_must_end_in_order():
    text = "\\begin{a}\\begin{b}\\end{b}\\end{a} % \\end{c}\n\\begin{c}\\begin{d}\\end{c}\\end{x}"
    assert grammar.environments(text) == (4, 2)
    assert grammar.environments("") == (0, 0)


def test_dollars_pair_within_a_paragraph():
    text = "a $x$ and $$y$$\nb\n\nc $z and 5\\$ % $\n\nnone\n\n$w$\n"
    assert grammar.dollars(text) == (3, 2)
