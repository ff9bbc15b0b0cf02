package forecasting

// Lift is what reconciliation did to the forecasts of a site and top category: the figures are pieces over the first four weeks of
// the horizon.
type Lift struct {
	Factor []float32 // by stretch of BlockDays
	Bottom float64   // sum of the single forecasts
	Top    float64   // forecast of the total alone, the demand that sold-out days hide included; 0 where there is none
	Agreed float64   // what both agree on
}

// HierarchyRow is the forecast of one level of the house over the first four weeks: the whole, a region, a top category, a site, or a
// category at a site. What stands below it adds up to it.
type HierarchyRow struct {
	Level  HierarchyLevel
	ID     int32  // of the category or site, 0 otherwise
	Name   string // of a region
	Bottom float64
	Top    float64
	Agreed float64
}

// HierarchyLevel names a level.
type HierarchyLevel string

// The levels, from the whole down.
const (
	LevelTotal    HierarchyLevel = "total"
	LevelRegion   HierarchyLevel = "region"
	LevelCategory HierarchyLevel = "category"
	LevelSite     HierarchyLevel = "site"
)
