"""What the page may load: the same by its own word and by that of `mitokeras web`."""

import re

from mitokeras.web.routes import POLICY
from tests.conftest import ROOT


def test_the_page_states_the_policy_that_is_sent() -> None:
    page = (ROOT / "web/src/page/index.html").read_text("utf-8")
    (stated,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    # Browsers take this one from a header only.
    assert f"{stated}; frame-ancestors 'none'" == POLICY
    assert "<script>" not in page
    assert "style=" not in page
