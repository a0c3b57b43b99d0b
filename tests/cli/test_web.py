from pathlib import Path

import pytest
from click.testing import CliRunner

from mitokeras.cli.main import main
from mitokeras.local_server.serve import Server
from mitokeras.web import page_files


def test_without_the_page_it_says_so_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_files, "PAGE", tmp_path)
    done = CliRunner().invoke(main, ["web"])
    assert done.exit_code == 1
    assert done.stderr.count("\n") == 1
    assert "built without Node.js" in done.stderr


def test_it_serves_the_shipped_model_to_this_computer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "files.json").write_text("{}")
    monkeypatch.setattr(page_files, "PAGE", tmp_path)
    served = []

    def serve(server: Server) -> None:
        served.append((server.server_address[0], server.routes.get("detector.json", "").status))
        raise KeyboardInterrupt

    monkeypatch.setattr(Server, "serve_forever", serve)
    done = CliRunner().invoke(main, ["web", "--no-browser"])
    assert done.exit_code == 0, done.output
    assert served == [("127.0.0.1", 200)]
    assert "http://127.0.0.1:" in done.stdout
    assert done.stdout.endswith("ended\n")
