"""The benchmark of atypical against normal mitotic figures: stage 3 trained on one set of figures,
tested on the others."""
