package demo

import "milkrun/internal/access"

// Password opens every account of the demonstration.
const Password = "milkrun"

// User is an account. Sites and Supplier are codes; empty means unbounded.
type User struct {
	Login, Name string
	Role        access.Role
	Sites       []string
	Supplier    string
	Language    string
	// Key is true for an account that gets an API key.
	Key bool
}

func users() []User {
	return []User{
		{Login: "zhoumin", Name: "周敏", Role: access.Buyer, Language: "zh"},
		{Login: "planner", Name: "陈嘉禾", Role: access.Planner, Language: "zh"},
		{Login: "lead", Name: "李建国", Role: access.Lead, Sites: []string{"JX", "SH-XH"}, Language: "zh"},
		{Login: "warehouse", Name: "吴桂芳", Role: access.Warehouse, Sites: []string{"JX"}, Language: "zh"},
		{Login: "courier", Name: "赵鹏", Role: access.Courier, Sites: []string{"SH-XH"}, Language: "zh"},
		{Login: "admin", Name: "系统管理员", Role: access.Admin, Language: "zh"},
		{Login: "buyer.en", Name: "Emma Clarke", Role: access.Buyer, Language: "en"},
		{Login: "beili", Name: "林阿珍", Role: access.Supplier, Supplier: StorySupplier, Language: "zh"},
		{Login: "muhe", Name: "白海涛", Role: access.Supplier, Supplier: "S-0101", Language: "zh"},
		{Login: "integrator", Name: "商城接口", Role: access.Integrator, Language: "zh", Key: true},
	}
}

// Users lists the accounts of the demonstration.
func Users() []User { return users() }
