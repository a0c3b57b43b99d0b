"""Synthetic H&E fields with known mitoses, to try and test the whole tool without real data.

Drawn, not learned: no pixel comes from a real slide. Tissue is composed as concentrations of
haematoxylin and eosin and turned into colour by a stain and a scanner that vary by case.
"""
