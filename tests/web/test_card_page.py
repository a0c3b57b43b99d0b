from mitokeras.web.card_page import card_page


def test_a_card_is_laid_out_and_its_html_is_text() -> None:
    card = (
        "---\nlicense: x\n---\n# A <b>\n\n<script>1</script>\n\n| a | b |\n|---|---:|\n| 1 | 2 |\n"
    )
    page = card_page(card + "\n[x](javascript:1)\n", "<m>").decode()
    assert "<title>Model card: &lt;m&gt;</title>" in page
    assert "<script" not in page
    assert "&lt;script&gt;1&lt;/script&gt;" in page
    assert "<td>1</td>" in page
    assert '<td class="right">2</td>' in page
    assert "style=" not in page
    assert "license: x" not in page
    assert 'href="javascript' not in page
