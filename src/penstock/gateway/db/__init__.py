"""The gateway's own database: tables, repositories, migrations."""
