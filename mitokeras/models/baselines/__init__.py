"""The segmenters that SCMitosis is compared with, one file a paper."""
