"""A database comes to the newest schema from nothing or from any earlier one, once, whoever tries at the same time."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url

from db import grants, migrate
from db.models import Base
from social_api.mutes.words import pattern
from stack.installation import Installation
from tests.db import catalog
from tests.support import clones
from tests.support.waiting import eventually

ROOT = Path(__file__).resolve().parents[2]
VERSIONS = ROOT / "db/migrations/versions"


class Scratch:
    """An empty database and how to reach it as its owner."""

    def __init__(self, installation: Installation, name: str) -> None:
        self.url = f"postgresql://meton_owner@127.0.0.1:{installation.port('postgres')}/{name}"
        self.password = installation.secret("db_meton_owner")
        self.password_file = installation.secret_file("db_meton_owner")

    def upgrade(self, revision: str = migrate.NEWEST) -> None:
        migrate.upgrade(self.url, self.password, revision)

    def run(self, *command: str, **environment: str) -> subprocess.Popen[str]:
        """`python -m db …` as a process of its own."""
        given = {"METON_DATABASE_URL": self.url, "METON_DATABASE_PASSWORD_FILE": str(self.password_file), **environment}
        bare = {name: value for name, value in os.environ.items() if not name.startswith("METON_DATABASE_")}
        return subprocess.Popen(
            [sys.executable, "-m", "db", *command],
            cwd=ROOT,
            env=bare | {name: value for name, value in given.items() if value},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


@pytest.fixture
def scratch(installation: Installation) -> Iterator[Scratch]:
    """An empty database."""
    with clones.empty(installation) as name:
        yield Scratch(installation, name)


def outcome(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Exit status and what was printed."""
    output, errors = process.communicate(timeout=120)
    return process.returncode, output, errors


def test_from_nothing_to_the_newest_leaves_no_difference(scratch: Scratch) -> None:
    assert outcome(scratch.run("upgrade")) == (0, "", "")
    assert outcome(scratch.run("check")) == (0, "", "")


def test_a_second_upgrade_changes_nothing(scratch: Scratch) -> None:
    scratch.upgrade()
    before = _state(scratch)
    scratch.upgrade()
    assert _state(scratch) == before


def test_check_names_what_is_missing(scratch: Scratch) -> None:
    status, output, _ = outcome(scratch.run("check"))
    assert (status, output) == (1, f"at migration None, not {migrate.revisions()[-1]}\n")


def test_check_names_what_was_changed_by_hand(scratch: Scratch) -> None:
    scratch.upgrade()
    _execute(scratch, "ALTER TABLE users DROP COLUMN bio; GRANT DELETE ON users TO appservice")
    status, output, _ = outcome(scratch.run("check"))
    assert status == 1
    assert "add_column" in output
    assert "bio" in output
    assert 'REVOKE ALL ON "users" FROM "appservice"' in output


def test_the_models_say_exactly_what_the_migrations_make(scratch: Scratch) -> None:
    scratch.upgrade()
    _execute(scratch, "CREATE SCHEMA modelled")
    engine = create_engine(make_url(scratch.url).set(drivername="postgresql+psycopg2", password=scratch.password))
    with engine.begin() as connection:
        Base.metadata.create_all(connection.execution_options(schema_translate_map={None: "modelled"}))
    engine.dispose()
    with closing(catalog.connect(scratch.url, scratch.password)) as connection:
        modelled, migrated = catalog.read(connection, "modelled"), catalog.read(connection)
    assert migrated.columns == modelled.columns
    assert migrated.constraints == modelled.constraints
    assert migrated.indexes == modelled.indexes


def test_rows_of_every_table_survive_every_migration(scratch: Scratch) -> None:
    written: dict[str, int] = {}
    for revision in migrate.revisions():
        scratch.upgrade(revision)
        fill = ROOT / "tests/db/rows" / f"{revision}.sql"
        if fill.is_file():
            _execute(scratch, fill.read_text(encoding="utf-8"))
        written = _row_counts(scratch)
    scratch.upgrade()
    assert _row_counts(scratch) == written
    assert not [table for table, rows in written.items() if not rows], "tests/db/rows fills each table"


def test_muted_words_of_before_find_what_they_found(scratch: Scratch) -> None:
    scratch.upgrade("20261122_validation")
    beside = "[[:alnum:]_\u0300-\u036f\u0900-\u0963\u0966-\u0dff\u200c\u200d]"
    _execute(scratch, (ROOT / "tests/db/rows/20261122_people.sql").read_text(encoding="utf-8"))
    words = """
        INSERT INTO muted_words (user_id, word, pattern) SELECT id, word, pattern FROM users, (VALUES
          ('cricket', '(?<!BESIDE)(?:cricket)(?!BESIDE)'),
          ('c++', '(?<!BESIDE)(?:c\\+\\+)'),
          ('(?!x)', '(?:\\(\\?!x\\))')) AS kept(word, pattern)
    """
    _execute(scratch, words.replace("BESIDE", beside))
    scratch.upgrade()
    with closing(catalog.connect(scratch.url, scratch.password)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT word, pattern FROM muted_words")
        kept = dict(cursor.fetchall())
    assert kept == {word: pattern(word) for word in ("cricket", "c++", "(?!x)")}


def test_a_number_that_was_not_found_before_does_not_stay(scratch: Scratch) -> None:
    scratch.upgrade("20261122_validation")
    people = """
        INSERT INTO users (id, subject, connect_id, display_name, verified_status, verification_meta)
        SELECT gen_random_uuid(), name, name, name, 'pending', jsonb_build_object('token_id', token)
        FROM (VALUES ('a', '2341.2341.2346'), ('b', '2341.2341.2347')) AS asked(name, token)
    """
    _execute(scratch, people)
    scratch.upgrade()
    with closing(catalog.connect(scratch.url, scratch.password)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT verified_status, verification_meta FROM users ORDER BY connect_id")
        assert cursor.fetchall() == [("none", None), ("pending", {"token_id": "2341.2341.2347"})]


def test_reposts_of_posts_deleted_before_are_to_go(scratch: Scratch) -> None:
    scratch.upgrade("20261122_validation")
    posts = """
        INSERT INTO users (id, subject, connect_id, display_name) VALUES (gen_random_uuid(), 'a', 'a', 'A');
        INSERT INTO posts (id, user_id, caption, deleted_at)
        SELECT gen_random_uuid(), id, said, gone FROM users, (VALUES ('gone', now()), ('quoted', now()), ('kept', NULL))
          AS made(said, gone);
        INSERT INTO posts (id, user_id, caption, repost_of)
        SELECT gen_random_uuid(), user_id, CASE caption WHEN 'quoted' THEN 'Look!' END, id FROM posts;
    """
    _execute(scratch, posts)
    scratch.upgrade()
    with closing(catalog.connect(scratch.url, scratch.password)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT caption FROM outbox JOIN posts ON posts.id::text = payload->>'post_id'")
        assert cursor.fetchall() == [("gone",)]


def test_two_at_once_make_one_schema(scratch: Scratch) -> None:
    both = [scratch.run("upgrade"), scratch.run("upgrade")]
    assert [outcome(process) for process in both] == [(0, "", ""), (0, "", "")]
    assert outcome(scratch.run("check"))[0] == 0


async def test_one_waits_while_another_holds_the_advisory_lock(scratch: Scratch) -> None:
    with closing(catalog.connect(scratch.url, scratch.password)) as other, other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", (migrate.ADVISORY_LOCK,))

        async def somebody_waits() -> bool:
            cursor.execute(
                "SELECT FROM pg_locks JOIN pg_database ON pg_database.oid = database "
                "WHERE locktype = 'advisory' AND NOT granted AND datname = current_database()"
            )
            return bool(cursor.rowcount)

        waiting = scratch.run("upgrade")
        await eventually(somebody_waits)
        assert _tables(scratch) == []
        cursor.execute("SELECT pg_advisory_unlock(%s)", (migrate.ADVISORY_LOCK,))
    assert outcome(waiting) == (0, "", "")


def test_a_migration_that_fails_leaves_nothing_behind(scratch: Scratch) -> None:
    _execute(scratch, "CREATE TABLE follows ()")
    status, _, errors = outcome(scratch.run("upgrade"))
    assert status == 1
    assert 'relation "follows" already exists' in errors
    assert "Traceback" not in errors
    assert _tables(scratch) == ["follows"]


def test_a_missing_role_is_named(scratch: Scratch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grants, "RIGHTS", {**grants.RIGHTS, "newcomer": {}})
    with pytest.raises(migrate.MigrationError, match=r"no role newcomer: .*meton up"):
        scratch.upgrade()
    assert _tables(scratch) == []


@pytest.mark.parametrize("missing", ["METON_DATABASE_URL", "METON_DATABASE_PASSWORD_FILE"])
def test_a_missing_setting_is_named(scratch: Scratch, missing: str) -> None:
    status, _, errors = outcome(scratch.run("upgrade", **{missing: ""}))
    assert status == 1
    assert missing.removesuffix("_FILE") in errors
    assert "Traceback" not in errors


def test_a_wrong_password_is_a_sentence(scratch: Scratch, tmp_path: Path) -> None:
    wrong = tmp_path / "password"
    wrong.write_text("wrong", encoding="utf-8")
    status, _, errors = outcome(scratch.run("upgrade", METON_DATABASE_PASSWORD_FILE=str(wrong)))
    assert status == 1
    assert "password authentication failed" in errors
    assert "Traceback" not in errors


def test_migrations_are_named_by_day_and_only_go_forward() -> None:
    for path in VERSIONS.glob("*.py"):
        assert re.fullmatch(r"20\d{6}_[a-z_]+", path.stem)
        code = path.read_text(encoding="utf-8")
        assert f'revision = "{path.stem}"' in code
        assert "def downgrade" not in code


def test_the_linter_of_migrations_is_content(tmp_path: Path) -> None:
    script = tmp_path / "migrations.sql"
    script.write_text(migrate.offline_sql(), encoding="utf-8")
    linter = Path(sys.executable).with_name("squawk")
    done = subprocess.run(
        [linter, "--config", ROOT / "db/migrations/squawk.toml", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def _execute(scratch: Scratch, sql: str) -> None:
    with closing(catalog.connect(scratch.url, scratch.password)) as connection, connection.cursor() as cursor:
        cursor.execute(sql)


def _tables(scratch: Scratch) -> list[str]:
    with closing(catalog.connect(scratch.url, scratch.password)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'")
        return [row[0] for row in cursor.fetchall()]


def _row_counts(scratch: Scratch) -> dict[str, int]:
    counts = {}
    with closing(catalog.connect(scratch.url, scratch.password)) as connection, connection.cursor() as cursor:
        for table in set(_tables(scratch)) & set(Base.metadata.tables):
            cursor.execute(f"SELECT count(*) FROM {table}")  # noqa: S608 - the names are the models'
            counts[table] = cursor.fetchall()[0][0]
    return counts


def _state(scratch: Scratch) -> tuple[catalog.Catalog, list[object]]:
    with closing(catalog.connect(scratch.url, scratch.password)) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, relacl::text, xmin::text FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        )
        return catalog.read(connection), sorted(cursor.fetchall())
