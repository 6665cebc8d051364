"""A campus card platform in the dialect of Synjones, which also sells electricity."""
