import GRDB

/// The tables of the history file.
///
/// The last hour is in the journal beside it: see `Journal`.
/// Any SQLite tool may read them while the agent runs. Times are nanoseconds since 1970 UTC.
///
/// | table | one row is | columns |
/// |---|---|---|
/// | `plant` | a configuration that once ran | `json`: the machines and channels, by number; `run`: highest for the present one |
/// | `channel` | a stream of values, the same for ever | `machine`, `location`, `point`, `unit` |
/// | `layout` | the order of channels in frames | `machine`, `channels`: JSON array of `channel.id` |
/// | `chunk` | some thousand frames in a row, or what sums them up | `tier`: 0 single values, 1 minutes, 2 hours; `layout`, `first_ns`, `last_ns`, `count`, `times`; `segment` of the journal |
/// | `chunk_column` | one channel of a chunk | `id`: 65,536 times `chunk.id`, plus the place of the channel in the layout; `bytes` as `Column` writes them |
/// | `output` | what the core said | `sequence`, `time_ns`, `machine`, `kind` (`state`, `health`, `prognosis`, `advisory`), `json` with the numbers of `plant` |
/// | `alert` | an alert as it stands now | `machine`, `location`, `class`, `phase`, `priority`, `since_ns`, `time_ns`, `acknowledged`, `language`, `title`, `text`, `output` |
/// | `alert_transition` | a step in an alert's life | `alert`, `phase`, `priority`, `time_ns`, `title`, `text`, `output` |
/// | `request` | what a person asked of the agent, and what became of it | `time_ns`, `user`, `kind`, `machine`, `alert`, `text`, `duration_s`: of shelving, `answer_ns`: `NULL` while it waits, `refusal` |
/// | `status` | how the agent was when it stopped, one row; while it runs: `StatusBoard` | `time_ns`, `json` |
/// | `counter` | what must not be forgotten | `name`, `value` |
///
/// ```sql
/// SELECT datetime(since_ns / 1000000000, 'unixepoch'), machine, priority, title FROM alert
///  WHERE phase <> 'cleared' ORDER BY since_ns;
/// ```
enum StoreSchema {
  /// Marks the file as ours (`VIGI`), as `file` and SQLite's own tools show.
  static let applicationID: Int32 = 0x5649_4749

  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1 frames, outputs, alerts, outbox") { database in
      try database.execute(sql: first)
    }
    migrator.registerMigration("requests") { database in
      try database.execute(sql: RequestTable.creation)
    }
    migrator.registerMigration("chunks and journal") { database in
      try database.execute(sql: ChunkTable.creation)
    }
    migrator.registerMigration("shelving") { database in
      try database.execute(sql: RequestTable.shelving)
    }
    return migrator
  }

  private static let first = """
    CREATE TABLE plant (
      id INTEGER PRIMARY KEY, json TEXT NOT NULL UNIQUE, run INTEGER NOT NULL
    );
    CREATE TABLE channel (
      id INTEGER PRIMARY KEY,
      machine TEXT NOT NULL, location TEXT NOT NULL, point TEXT NOT NULL, unit TEXT NOT NULL,
      UNIQUE (machine, location, point, unit)
    );
    CREATE TABLE layout (
      id INTEGER PRIMARY KEY,
      machine TEXT NOT NULL, channels TEXT NOT NULL,
      UNIQUE (machine, channels)
    );
    CREATE TABLE frame (
      id INTEGER PRIMARY KEY,
      time_ns INTEGER NOT NULL, layout INTEGER NOT NULL,
      readings BLOB NOT NULL, qualities BLOB
    );
    CREATE TABLE output (
      id INTEGER PRIMARY KEY,
      plant INTEGER NOT NULL,
      sequence INTEGER NOT NULL, time_ns INTEGER NOT NULL,
      machine TEXT NOT NULL, kind TEXT NOT NULL, json TEXT NOT NULL,
      UNIQUE (sequence, time_ns)
    );
    CREATE TABLE alert (
      id INTEGER PRIMARY KEY,
      machine TEXT NOT NULL, location TEXT NOT NULL,
      class TEXT NOT NULL, phase TEXT NOT NULL, priority TEXT NOT NULL,
      since_ns INTEGER NOT NULL, time_ns INTEGER NOT NULL, acknowledged INTEGER NOT NULL,
      language TEXT, title TEXT, text TEXT,
      output INTEGER NOT NULL
    );
    CREATE INDEX alert_open ON alert (since_ns) WHERE phase <> 'cleared';
    CREATE TABLE alert_transition (
      id INTEGER PRIMARY KEY,
      alert INTEGER NOT NULL, phase TEXT NOT NULL, priority TEXT NOT NULL,
      time_ns INTEGER NOT NULL, title TEXT, text TEXT,
      output INTEGER NOT NULL
    );
    CREATE INDEX alert_transition_alert ON alert_transition (alert);
    CREATE TABLE outbox (
      id INTEGER PRIMARY KEY AUTOINCREMENT, frame INTEGER, output INTEGER
    );
    CREATE TABLE snapshot (
      id INTEGER PRIMARY KEY,
      time_ns INTEGER NOT NULL, fingerprint TEXT NOT NULL, state BLOB NOT NULL
    );
    CREATE TABLE status (id INTEGER PRIMARY KEY CHECK (id = 1), time_ns INTEGER, json TEXT);
    CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
    -- Numbers in the outbox go out as identities of messages. They begin at the time at which the
    -- file was made, so that a new file never repeats those of an old one; below 2^53 until 2242.
    INSERT INTO sqlite_sequence (name, seq) VALUES ('outbox', unixepoch() * 1048576);
    """
}
