package catalog

import "slices"

// Rank gives the tier's place from far (0) to near (4), and -1 for a word that is no tier.
func (t Tier) Rank() int { return slices.Index(Tiers(), t) }

// Rank gives the class's place from warm (0) to cold (3), and -1 for a word that is no class.
func (t Temperature) Rank() int { return slices.Index(Temperatures(), t) }
