package access

import "slices"

// Permission is the right to one group of verbs.
type Permission string

// The permissions of the house. A route and a verb each name one.
const (
	// Public needs no sign-in, SignedIn any user.
	Public   Permission = "public"
	SignedIn Permission = "signed-in"
	// Console opens the staff's console: dashboard, search.
	Console Permission = "console"

	ViewDemand Permission = "demand.view"
	// RunForecast starts a forecast or planning run and records heat and sales by hand.
	RunForecast       Permission = "demand.run"
	ViewStock         Permission = "stock.view"
	ViewSuggestions   Permission = "suggestion.view"
	DecideSuggestions Permission = "suggestion.decide"
	// SetPolicy changes service levels, review days and the like.
	SetPolicy     Permission = "policy.set"
	ViewOrders    Permission = "order.view"
	EditOrders    Permission = "order.edit"
	ViewSuppliers Permission = "supplier.view"
	EditSuppliers Permission = "supplier.edit"
	ViewCatalog   Permission = "catalog.view"
	EditCatalog   Permission = "catalog.edit"
	// Import uploads sheets of master data, sales, heat and stock.
	Import Permission = "import.run"
	// UsePortal is the supplier's side: own orders, sheets out, sheets back.
	UsePortal Permission = "portal.use"
	// PushData posts sales and heat by API; ReadData reads forecasts, suggestions and orders by API.
	PushData Permission = "api.push"
	ReadData Permission = "api.read"
	// WorkFloor is the handheld: receive, put away, pick, pack, count, move. LeadFloor releases waves, changes rules, adjusts
	// stock and decides what the floor could not.
	WorkFloor Permission = "floor.work"
	LeadFloor Permission = "floor.lead"
	// ViewSales reads customers' orders with masked consignees, EditSales cancels and changes them, ViewConsignee reads and
	// erases the unmasked data.
	ViewSales     Permission = "sale.view"
	EditSales     Permission = "sale.edit"
	ViewConsignee Permission = "consignee.view"
	// ViewRounds sees the riders' rounds, Dispatch changes them: moves a parcel, pins, withdraws, calls a rider in. Ride is
	// the rider's own phone.
	ViewRounds Permission = "round.view"
	Dispatch   Permission = "round.dispatch"
	Ride       Permission = "round.ride"
	// ManageUsers creates accounts, roles and API keys.
	ManageUsers Permission = "user.manage"
	ViewSystem  Permission = "system.view"
	ViewAudit   Permission = "audit.view"
)

// grants is the whole rights table: one line a permission, so that it can be read like one.
var grants = map[Permission][]Role{
	Console:           {Buyer, Planner, Warehouse, Lead, Admin},
	ViewDemand:        {Buyer, Planner, Lead, Admin},
	RunForecast:       {Planner, Admin},
	ViewStock:         {Buyer, Planner, Warehouse, Lead, Admin},
	ViewSuggestions:   {Buyer, Planner, Lead, Admin},
	DecideSuggestions: {Buyer, Planner, Admin},
	SetPolicy:         {Planner, Admin},
	ViewOrders:        {Buyer, Planner, Lead, Admin},
	EditOrders:        {Buyer, Admin},
	ViewSuppliers:     {Buyer, Planner, Lead, Admin},
	EditSuppliers:     {Buyer, Admin},
	ViewCatalog:       {Buyer, Planner, Warehouse, Lead, Admin},
	EditCatalog:       {Planner, Admin},
	Import:            {Buyer, Planner, Lead, Admin},
	UsePortal:         {Supplier},
	PushData:          {Integrator, Admin},
	ReadData:          {Integrator, Buyer, Planner, Admin},
	WorkFloor:         {Warehouse, Lead, Admin},
	LeadFloor:         {Lead, Admin},
	ViewSales:         {Buyer, Planner, Warehouse, Lead, Admin},
	EditSales:         {Lead, Admin},
	ViewConsignee:     {Lead, Admin},
	ViewRounds:        {Planner, Lead, Admin},
	Dispatch:          {Lead, Admin},
	Ride:              {Courier},
	ManageUsers:       {Admin},
	ViewSystem:        {Admin},
	ViewAudit:         {Buyer, Planner, Lead, Admin},
}

// Permissions lists every permission in a stable order.
func Permissions() []Permission {
	all := []Permission{Public, SignedIn}
	for p := range grants {
		all = append(all, p)
	}
	slices.Sort(all[2:])
	return all
}

// Can tells whether the user holds the permission. The house itself holds all of them.
func Can(u User, p Permission) bool {
	switch {
	case p == Public, u.Role == System:
		return true
	case p == SignedIn:
		return u.Role != ""
	default:
		return slices.Contains(grants[p], u.Role)
	}
}
