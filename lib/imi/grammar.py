"""What a program knows for sure about code: open quotes, comments, brackets, and what they break.

Lecture: notebooks/06_char_rnn_2015.ipynb
Shapes: N characters of a text; a state at place n is the one after the n-th character was read.
"""

from __future__ import annotations

import ast
import builtins
import io
import re
import token
import tokenize
import warnings
from dataclasses import dataclass

import numpy as np

CLOSERS = {")": "(", "]": "[", "}": "{"}
_C_TOKEN = re.compile(
    r"(?P<comment>/\*.*?(?:\*/|\Z)|//[^\n]*)"
    r"|(?P<quote>\"(?:\\.|[^\"\\\n])*(?:\"|\Z)|'(?:\\.|[^'\\\n])*(?:'|\Z))"
    r"|(?P<bracket>[()\[\]{}])|(?P<stray>[\"'])",
    re.DOTALL,
)
_LATEX_TOKEN = re.compile(
    r"\\.|(?P<comment>%[^\n]*)|(?P<dollar>\$\$?)|(?P<bracket>[()\[\]{}])|(?P<end>\n[ ]*\n)",
    re.DOTALL,
)
_ENVIRONMENT = re.compile(r"(?<!\\)%[^\n]*|\\(begin|end)\{([^}\n]*)\}")
_DOLLAR = re.compile(r"(?<!\\)%[^\n]*|(?<!\\)\$\$?")


@dataclass(frozen=True)
class States:
    """What is open after each character of a text, each of shape (N,).

    Attributes:
        quoted: inside a string or a character constant; of LaTeX, between two `$`.
        comment: inside a comment.
        depth: how many brackets are open.
        column: how many characters the line holds so far.
        indent: how many blanks the line began with, so far.
    """

    quoted: np.ndarray
    comment: np.ndarray
    depth: np.ndarray
    column: np.ndarray
    indent: np.ndarray


def _line_states(text: str) -> tuple[np.ndarray, np.ndarray]:
    columns, indents = [], []
    column = indent = 0
    for character in text:
        if character == "\n":
            column = indent = 0
        else:
            indent += character == " " and indent == column
            column += 1
        columns.append(column)
        indents.append(indent)
    return np.array(columns, dtype=int), np.array(indents, dtype=int)


def _states(text: str, quotes, comments, brackets) -> States:
    """Builds the states from the spans (start, end) of quotes and comments, and from brackets."""
    marked = {}
    for name, spans in (("quoted", quotes), ("comment", comments)):
        marked[name] = np.zeros(len(text), dtype=bool)
        for start, end in spans:
            marked[name][start : end - 1] = True  # the closing mark closes
    change = np.zeros(len(text), dtype=int)
    for place, character in brackets:
        change[place] = 1 if character in CLOSERS.values() else -1
    return States(**marked, depth=change.cumsum(), column=(lines := _line_states(text))[0],
                  indent=lines[1])  # fmt: skip


def c_states(text: str) -> States:
    """Reads C and says what is open after each character."""
    found: dict[str, list] = {"quote": [], "comment": [], "bracket": [], "stray": []}
    for match in _C_TOKEN.finditer(text):
        span = match.span() if match.lastgroup != "bracket" else (match.start(), match.group())
        found[match.lastgroup].append(span)
    return _states(text, found["quote"], found["comment"], found["bracket"])


def python_states(text: str) -> States:
    """Reads Python with the tokenizer of the language and says what is open after each character.

    Raises:
        ValueError: if the tokenizer refuses the text.
    """
    starts = np.cumsum([0, *(len(line) for line in text.splitlines(keepends=True))])
    quotes, comments, brackets = [], [], []
    try:
        for part in tokenize.generate_tokens(io.StringIO(text).readline):
            start, end = (int(starts[row - 1]) + column for row, column in (part.start, part.end))
            if part.type == token.STRING or token.tok_name[part.type] == "FSTRING_MIDDLE":
                quotes.append((start, end))
            elif part.type == token.COMMENT:
                comments.append((start, end + 1))  # up to the line's end
            elif part.type == token.OP and part.string in "()[]{}":
                brackets.append((start, part.string))
    except (tokenize.TokenError, SyntaxError) as error:
        raise ValueError(f"this is no Python that can be cut into tokens: {error}") from error
    return _states(text, quotes, comments, brackets)


def latex_states(text: str) -> States:
    """Reads LaTeX and says what is open after each character; a `$` pairs within its paragraph."""
    found: dict[str, list] = {"quote": [], "comment": [], "bracket": []}
    opened = None  # where the `$` stands that has no partner yet
    for match in _LATEX_TOKEN.finditer(text):
        kind = match.lastgroup
        if kind == "comment":
            found["comment"].append((match.start(), match.end() + 1))  # up to the line's end
        elif kind == "bracket":
            found["bracket"].append((match.start(), match.group()))
        elif kind == "end":
            opened = None
        elif kind == "dollar" and opened is None:
            opened = match.start()
        elif kind == "dollar":
            found["quote"].append((opened, match.end()))
            opened = None
    return _states(text, found["quote"], found["comment"], found["bracket"])


def first_break(text: str) -> int:
    """Returns where C first breaks its grammar, or the text's length where it never does.

    A break is a bracket that closes what is not open, a quote at its line's end, or a line that
    begins with `}` while a `(` or `[` is open. What is open at the end is no break yet.
    """
    open_brackets: list[str] = []
    for match in _C_TOKEN.finditer(text):
        kind, mark = match.lastgroup, match.group()
        if kind == "stray":
            return match.start()
        if kind == "bracket" and mark in CLOSERS:
            if not open_brackets or open_brackets.pop() != CLOSERS[mark]:
                return match.start()
        elif kind == "bracket":
            open_brackets.append(mark)
    return len(text)


def c_function(text: str) -> str | None:
    """Cuts off a C function at the first line that is only `}`; None if there is no such line."""
    end = re.search(r"^\}[ ;]*$", text, re.MULTILINE)
    return text[: end.end()] if end else None


def c_closes(function: str) -> bool:
    """Tells whether all brackets, quotes and comments of a C function close, in order."""
    states = c_states(function)
    unfinished = states.quoted[-1] or states.comment[-1]
    return first_break(function) == len(function) and not unfinished and states.depth[-1] == 0


def python_function(text: str) -> str | None:
    """Cuts a Python function off before the next line that is not indented.

    None if the text does not reach one. Lines inside brackets or strings do not count as
    such by their look alone: what begins at column 0 ends the function, as a reader would see it.
    """
    end = re.search(r"\n(?=[^ \n)\]}#])", text)
    return text[: end.start()].rstrip() + "\n" if end else None


def python_parses(function: str) -> bool:
    """Tells whether Python's own parser accepts the text."""
    with warnings.catch_warnings():  # of escapes that are not known; they are no errors
        warnings.simplefilter("ignore")
        try:
            ast.parse(function)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return False
    return True


def known_names(function: str) -> tuple[int, int]:
    """Counts the names that a Python function uses, and those of them that are bound or built in.

    A name is known if it is a parameter, bound anywhere in the function, or a builtin; names that
    the module around it would have to define are not. Attributes do not count.
    """
    tree = ast.parse(function)
    bound = set(dir(builtins))
    used = []
    for node in ast.walk(tree):
        if isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            bound.add(node.name)
        elif isinstance(node, ast.alias):
            bound.add((node.asname or node.name).split(".")[0])
        elif isinstance(node, ast.ExceptHandler) and node.name:
            bound.add(node.name)
        elif isinstance(node, ast.Name):
            (used.append if isinstance(node.ctx, ast.Load) else bound.add)(node.id)
    return len(used), sum(name in bound for name in used)


def environments(text: str) -> tuple[int, int]:
    """Counts the LaTeX environments that a text ends, and those that end the innermost open one."""
    open_names: list[str] = []
    ended = right = 0
    for match in _ENVIRONMENT.finditer(text):
        kind, name = match.groups()
        if kind == "begin":
            open_names.append(name)
        elif kind == "end":
            ended += 1
            if open_names and open_names[-1] == name:
                right += 1
                open_names.pop()
            elif name in open_names:
                while open_names.pop() != name:
                    pass
    return ended, right


def dollars(text: str) -> tuple[int, int]:
    """Counts the paragraphs of LaTeX that hold a `$`, and those in which they pair."""
    holding = paired = 0
    for paragraph in re.split(r"\n\s*\n", text):
        marks = [mark for mark in _DOLLAR.findall(paragraph) if mark.startswith("$")]
        holding += bool(marks)
        paired += bool(marks) and len(marks) % 2 == 0
    return holding, paired
