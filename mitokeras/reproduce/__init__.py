"""The paper's experiments: which rows they have, how a row is trained, and how they are shown."""
