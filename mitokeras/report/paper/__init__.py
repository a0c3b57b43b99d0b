"""The paper's pictures of data and candidates, and the page that holds tables and figures."""
