"""tools/tidy: this tree keeps its rules, and each rule notices when it is broken."""

import os
import subprocess
import sys

import pytest
from harness import ROOT

LAYERS = """base:
domain: base
store: base domain
store/sqlite: base store
cli: base domain store store/sqlite
pure domain/*: clock heap float print
json base/*
json cli/*
"""


def tidy(root):
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "tidy"), "--root", str(root)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    return done.returncode, done.stdout


def grow(folder, files):
    """A small tree: what the rules need, and `files` over it."""
    whole = {
        "tools/layers.txt": LAYERS,
        "src/base/str.h": "#pragma once\n",
        "src/base/meson.build": "'str.c'\n",
        "src/domain/money.h": '#pragma once\n#include "base/str.h"\n',
        "src/domain/meson.build": "'money.c'\n",
        "src/cli/meson.build": "'main.c'\n",
        "src/store/meson.build": "'inbox.c', 'sqlite/open.c'\n",
        "src/store/sqlite/open.h": "#pragma once\n",
        **files,
    }
    for name, text in whole.items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8", newline="") as file:
            file.write(text)
    return tidy(folder)


def test_this_tree_is_tidy():
    status, said = tidy(ROOT)
    assert status == 0, said


def test_a_clean_tree_says_nothing(tmp_path):
    assert grow(tmp_path, {}) == (0, "")


# what is broken: (file, text, words of the finding)
BROKEN = {
    "a function that headers name and nobody has": ("src/base/open.h", "#pragma once\n/* See thing_close(). */\n", "no thing_close"),
    "a name in a page that nothing has": ("docs/page.md", "It is in `thing_table`.\n", "docs/page.md:1: named: there is no thing_table"),
    "a layer": ("src/domain/money.c", '#include "store/sqlite/open.h"\n', "domain may not include store/sqlite"),
    "an engine named beside the composition root": (
        "src/store/inbox.c", '#include "store/sqlite/open.h"\n', "store may not include store/sqlite",
    ),
    "an include that does not exist": ("src/domain/money.c", '#include "domain/nothing.h"\n', "domain/nothing.h"),
    "a room without a row": ("src/news/a.h", "#pragma once\n", "no row in tools/layers.txt"),
    "strcpy": ("src/cli/main.c", "void f(char *a)\n{\n    strcpy(a, a);\n}\n", "src/cli/main.c:3: banned call: strcpy"),
    "sprintf": ("src/cli/main.c", "int f(char *a)\n{\n    return sprintf (a, a);\n}\n", "banned call: sprintf"),
    "localtime": ("src/cli/main.c", "void *f(void)\n{\n    return localtime(0);\n}\n", "banned call: localtime"),
    "alloca in a test": ("tests/unit/help.h", "void *f(void)\n{\n    return alloca(1);\n}\n", "banned call: alloca"),
    "the heap in the domain": ("src/domain/money.c", "void *f(void)\n{\n    return malloc(1);\n}\n", "malloc: no heap"),
    "the clock in the domain": ("src/domain/money.c", "long f(void)\n{\n    return time(0);\n}\n", "time: no clock"),
    "a double in the domain": ("src/domain/money.c", "double rate;\n", "double: no float"),
    "a print in the domain": ("src/domain/money.c", 'void f(void)\n{\n    puts("x");\n}\n', "puts: no print"),
    "a lost error": ("src/base/open.h", "#pragma once\nenum err thing_open(int a);\n", "src/base/open.h:2: MUST_USE"),
    "a lost error behind a pointer": (
        "src/base/open.h", "#pragma once\nstruct ops {\n    enum err (*go)(int a);\n};\n", "MUST_USE: go",
    ),
    "a test nobody runs": ("tests/unit/base/test_str.c", "int x;\n", "no meson.build names this test"),
    "a file nobody compiles": ("src/base/more.c", "int x;\n", "no meson.build compiles this file"),
    "a key without its row": (
        "src/cli/config.def", 'CONFIG(store, "colour", TEXT, "", 0, 0, colour, "help")\n', "no row for `colour`",
    ),
    "an account's key without its row": (
        "src/cli/config.def", 'ACCOUNT("key.paint", TEXT, "", 0, 0, paint, "help")\n', "no row for `key.paint`",
    ),
    "a package without its reason": ("tools/dev/packages.txt", "build libnothing-dev\n", "no row for `libnothing-dev`"),
    "a released migration that is gone": ("sql/released.txt", "00 sql/sqlite/0001_init.sql\n", "was released and is gone"),
    "JSON read past the rows": (
        "src/store/inbox.c", "int f(void)\n{\n    return json_get(0, 0) != 0;\n}\n", "json_get: fields are read",
    ),
    "a tab": ("src/base/str.h", "#pragma once\n\tint x;\n", "src/base/str.h:2: whitespace: a tab"),
    "a blank at the end": ("src/base/str.h", "#pragma once \n", "whitespace: at the end of the line"),
    "a carriage return": ("src/base/str.h", "#pragma once\r\n", "whitespace: a carriage return"),
    "no last newline": ("src/base/str.h", "#pragma once", "no newline at the end"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_it_notices(tmp_path, what):
    path, text, words = BROKEN[what]
    status, said = grow(tmp_path, {path: text})
    assert status == 1
    assert words in said


def test_a_released_migration_that_changed_is_noticed(tmp_path):
    import hashlib

    good = "CREATE TABLE a (b INTEGER);\n"
    row = f"{hashlib.sha256(good.encode()).hexdigest()}  sql/sqlite/0001_init.sql\n"
    assert grow(tmp_path, {"sql/released.txt": row, "sql/sqlite/0001_init.sql": good}) == (0, "")
    status, said = grow(tmp_path, {"sql/released.txt": row, "sql/sqlite/0001_init.sql": good + "-- more\n"})
    assert status == 1 and "never changes" in said


# what looks like a finding and is none
FINE = {
    "a function that a header names": ("src/base/open.h", "#pragma once\n/* See thing_open(). */\nvoid thing_open(void);\n"),
    "a banned word in a comment": ("src/cli/main.c", "/* never strcpy(a, b) */\nint x;\n"),
    "a banned word in a string": ("src/cli/main.c", 'const char *x = "strcpy(a, b)";\n'),
    "gmtime_r": ("src/cli/main.c", "void *f(void)\n{\n    return gmtime_r(0, 0);\n}\n"),
    "a member called time": ("src/domain/money.c", "int f(struct a *a)\n{\n    return a->time(1);\n}\n"),
    "a kept error": ("src/base/open.h", "#pragma once\nMUST_USE enum err thing_open(int a);\n"),
    "a kept error, said behind": ("src/base/open.h", "#pragma once\nenum err thing_open(int a,\n    int b) MUST_USE;\n"),
    "the type of a callback": ("src/base/open.h", "#pragma once\ntypedef enum err row_fn(int a);\n"),
    "the composition root": ("src/cli/main.c", '#include "store/sqlite/open.h"\n'),
    "a documented key": ("src/cli/config.def", '/* CONFIG(a, "never", ...) */\n'),
}


@pytest.mark.parametrize("what", FINE)
def test_it_lets_through(tmp_path, what):
    path, text = FINE[what]
    assert grow(tmp_path, {path: text}) == (0, "")
