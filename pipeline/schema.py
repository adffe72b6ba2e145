"""The catalog's tables, as the scripts that make them."""

from __future__ import annotations

MIGRATIONS: list[str] = [
    """
    CREATE TABLE responses (
        url TEXT PRIMARY KEY,
        kind TEXT NOT NULL,            -- page, image
        final_url TEXT NOT NULL,       -- after redirects
        status INTEGER,                -- HTTP status of the last answer; NULL when none came
        error TEXT,                    -- NULL: usable. Else the class: gone, refused, timeout, broken, too_large, ...
        detail TEXT NOT NULL,
        headers TEXT NOT NULL,         -- JSON object, names in lower case
        sha256 TEXT,                   -- of the body; pages/ or images/ holds it
        size INTEGER,                  -- of the body, bytes
        fetched_at REAL NOT NULL       -- seconds since 1970
    ) WITHOUT ROWID;
    CREATE TABLE items (
        id TEXT PRIMARY KEY,
        sha256 TEXT NOT NULL UNIQUE,
        extension TEXT NOT NULL,
        size INTEGER NOT NULL,         -- bytes
        added_at REAL NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE sightings (
        id TEXT NOT NULL REFERENCES items(id),
        page_url TEXT NOT NULL,
        image_url TEXT NOT NULL,
        source TEXT NOT NULL,
        title TEXT NOT NULL,
        fields TEXT NOT NULL,          -- JSON object
        text TEXT NOT NULL,
        license TEXT NOT NULL,
        credit TEXT NOT NULL,
        seen_at REAL NOT NULL,
        PRIMARY KEY (id, page_url, image_url)
    ) WITHOUT ROWID;
    CREATE TABLE measurements (
        id TEXT PRIMARY KEY REFERENCES items(id),
        version INTEGER NOT NULL,
        error TEXT,                    -- NULL, or the class: truncated, not_an_image, ...
        detail TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE decisions (
        id TEXT NOT NULL REFERENCES items(id),
        stage TEXT NOT NULL,
        decision TEXT NOT NULL,        -- keep, drop
        rule TEXT NOT NULL,
        score REAL,
        threshold REAL,
        reason TEXT NOT NULL,
        scores TEXT NOT NULL,          -- JSON object: the further columns of the stage's report
        PRIMARY KEY (stage, id)
    ) WITHOUT ROWID;
    CREATE TABLE clusters (
        id TEXT PRIMARY KEY REFERENCES items(id),
        cluster TEXT NOT NULL,
        kind TEXT NOT NULL,            -- of the link that ties the item to its cluster
        keeper TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE stages (
        name TEXT PRIMARY KEY,
        fingerprint TEXT NOT NULL,     -- of settings, code version and inputs
        output TEXT NOT NULL,          -- digest of what the stage made
        summary TEXT NOT NULL,         -- JSON, as the command printed it
        finished_at REAL NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE notes (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    """,
    """
    CREATE TABLE responses_2 (
        url TEXT NOT NULL,
        kind TEXT NOT NULL,            -- page, image
        final_url TEXT NOT NULL,       -- after redirects
        status INTEGER,                -- HTTP status of the last answer; NULL when none came
        error TEXT,                    -- NULL: usable. Else the class: gone, refused, timeout, broken, opted_out, ...
        detail TEXT NOT NULL,
        headers TEXT NOT NULL,         -- JSON object, names in lower case
        opt_outs TEXT NOT NULL,        -- JSON list of the opt-outs met: {signal, value, where, overridden}; null: not looked for
        sha256 TEXT,                   -- of the body; pages/ or images/ holds it
        size INTEGER,                  -- of the body, bytes
        fetched_at REAL NOT NULL,      -- seconds since 1970
        PRIMARY KEY (url, kind)
    ) WITHOUT ROWID;
    INSERT INTO responses_2
        SELECT url, kind, final_url, status, error, detail, headers, 'null', sha256, size, fetched_at FROM responses;
    DROP TABLE responses;
    ALTER TABLE responses_2 RENAME TO responses;
    CREATE TABLE sightings_2 (
        id TEXT NOT NULL REFERENCES items(id),
        page_url TEXT NOT NULL,
        image_url TEXT NOT NULL,
        source TEXT NOT NULL,
        title TEXT NOT NULL,
        fields TEXT NOT NULL,          -- JSON object
        text TEXT NOT NULL,
        license TEXT NOT NULL,         -- as the site says it
        author TEXT NOT NULL,
        credit TEXT NOT NULL,
        seen_at REAL NOT NULL,
        PRIMARY KEY (id, page_url, image_url, source)
    ) WITHOUT ROWID;
    INSERT INTO sightings_2
        SELECT id, page_url, image_url, source, title, fields, text, license, '', credit, seen_at FROM sightings;
    DROP TABLE sightings;
    ALTER TABLE sightings_2 RENAME TO sightings;
    CREATE TABLE staged (              -- sightings of a crawl that is not yet known to be healthy
        key TEXT NOT NULL,             -- of the crawl
        source TEXT NOT NULL,
        id TEXT NOT NULL,
        page_url TEXT NOT NULL,
        image_url TEXT NOT NULL,
        sighting TEXT NOT NULL,        -- JSON object: the further columns of sightings
        sha256 TEXT NOT NULL,
        extension TEXT NOT NULL,
        size INTEGER NOT NULL,
        seen_at REAL NOT NULL,
        PRIMARY KEY (key, id, page_url, image_url)
    ) WITHOUT ROWID;
    CREATE TABLE crawls (              -- the last healthy crawl of each block
        source TEXT NOT NULL,
        start TEXT NOT NULL,           -- where it began, and the source's own settings: JSON object
        subjects INTEGER NOT NULL,     -- pages about things
        pictures INTEGER NOT NULL,
        health TEXT NOT NULL,          -- JSON object: value by expectation
        finished_at REAL NOT NULL,
        PRIMARY KEY (source, start)
    ) WITHOUT ROWID;
    """,
    """
    CREATE TABLE forgotten (           -- what was taken down: enough to know it again, nothing to look at
        id TEXT PRIMARY KEY,
        sha256 TEXT NOT NULL UNIQUE,   -- of the file
        extension TEXT NOT NULL,
        pixels TEXT,                   -- the pixel digest; NULL: it was never measured, or could not be
        phash TEXT,                    -- of the whole picture, 16 hex digits; NULL likewise
        reason TEXT NOT NULL,
        held TEXT NOT NULL,            -- JSON list: shard folders, runs and archives that held it, relative to the dataset
        erased INTEGER NOT NULL,       -- 0: files may be left; the next command that writes removes them
        forgotten_at REAL NOT NULL
    ) WITHOUT ROWID;
    """,
    """
    CREATE TABLE embeddings (          -- an optional cache, filled by commands that ask for it
        id TEXT NOT NULL REFERENCES items(id),
        name TEXT NOT NULL,            -- of the embedder
        vector BLOB NOT NULL,          -- float16, little-endian
        PRIMARY KEY (id, name)
    ) WITHOUT ROWID;
    """,
    """
    CREATE TABLE splits (              -- which pictures were sharded together, so that later ones move none of them
        id TEXT PRIMARY KEY REFERENCES items(id),
        grouping TEXT NOT NULL,        -- what is kept together: cluster, series
        anchor TEXT NOT NULL,          -- the id whose hash gives the group's side
        split TEXT NOT NULL            -- train, validation; empty: none of the group was kept
    ) WITHOUT ROWID;
    """,
]
"""Schema n is made by the first n scripts. A released script is never edited: a change is a new script at the end."""
