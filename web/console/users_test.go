package console_test

import (
	"errors"
	"strconv"
	"strings"
	"testing"

	"milkrun/internal/access"
)

func (o *office) userPath(login string) string {
	return "/system/users/" + strconv.FormatInt(int64(o.ids[login]), 10)
}

func TestUsersListAndExport(t *testing.T) {
	o := openOffice(t)
	d := o.desk("admin")
	holds(t, d.get("/system/users", 200), "周敏", "zhoumin", "采购", "全部仓", "温岭贝栗婴童用品厂", "可用")
	lacks(t, d.get("/system/users?q=周敏", 200), "吴桂芳")
	holds(t, d.get("/system/users?q=贝栗", 200), "林阿珍")
	lacks(t, d.get("/system/users?role=planner", 200), "吴桂芳")
	holds(t, d.get("/system/users?view=inactive", 200), "没有符合的用户")
	if rows := d.rows("/system/users.xlsx?sort=login"); len(rows) != 7 || rows[1][0] != "admin" || rows[2][0] != "beili" {
		t.Errorf("the workbook: %q", rows)
	}
	o.desk("planner").get("/system/users", 403)
}

func TestUserIsMadeChangedAndSwitchedOff(t *testing.T) {
	o := openOffice(t)
	d := o.desk("admin")
	fresh := func(pairs ...string) []string {
		return append(pairs, "name", "李建国", "role", "lead", "language", "zh", "site", "1", "site", "2")
	}
	d.get("/system/users/-/new", 200)
	holds(t, d.post("/system/users", 422, fresh("login", "zhoumin", "password", password)...), "登录名已被使用")
	holds(t, d.post("/system/users", 422, fresh("login", "a b", "password", password)...), "登录名要 2 到 64 个")
	weak := d.post("/system/users", 422, fresh("login", "lead", "password", "123456")...)
	holds(t, weak, "密码至少 10 个字符")
	if strings.Contains(weak, "123456") {
		t.Error("a password travels back")
	}
	holds(t, d.post("/system/users", 422, "login", "x.y", "name", "某人", "role", "supplier", "language", "zh", "password", password), "角色是供应商时要选一家供应商")
	to := d.post("/system/users", 303, fresh("login", "Lead", "password", password)...)
	page := d.get(to, 200)
	holds(t, page, "已建用户 李建国", "lead", "仓管", "从未登录", "新建用户")
	if n := strings.Count(page, `name="site"`); n != 2 || strings.Count(page, "checked") < 3 {
		t.Errorf("%d sites, and not both ticked", n)
	}
	version := hidden(t, page, "version")
	d.post(to, 303, "version", version, "login", "lead", "name", "李建国", "role", "lead", "language", "en", "site", "1", "active", "1")
	holds(t, d.get(to, 200), "能碰的仓", "嘉兴区域仓、上海徐汇前置仓", "嘉兴区域仓")
	holds(t, d.post(to, 409, "version", version, "login", "lead", "name", "另一个名字", "role", "lead", "language", "zh"), "系统管理员 在 11-23 10:00 改过")

	// A new password lets in, the old one no more; switching off ends the session at once.
	holds(t, d.post(to+"/password", 422, "password", "another long one", "again", "another short one"), "两次输入不一样")
	holds(t, d.post(to+"/password", 422, "password", "lead lead lead", "again", "lead lead lead"), "密码里不要含登录名")
	d.post(to+"/password", 303, "password", "another long one", "again", "another long one")
	if _, err := o.Accounts.SignIn(o.system(), "lead", password); !errors.Is(err, access.ErrPassword) {
		t.Errorf("the old password: %v", err)
	}
	u, err := o.Accounts.SignIn(o.system(), "lead", "another long one")
	if err != nil || u.Language != "en" || len(u.Sites) != 1 {
		t.Fatalf("%+v, %v", u, err)
	}
	buyer := o.desk("zhoumin")
	page = d.get(o.userPath("zhoumin"), 200)
	d.post(o.userPath("zhoumin"), 303, "version", hidden(t, page, "version"), "login", "zhoumin", "name", "周敏", "role", "buyer", "language", "zh")
	if to := buyer.get("/suppliers", 303); !strings.HasPrefix(to, "/login") {
		t.Errorf("somebody switched off is led to %s", to)
	}
	holds(t, d.get("/system/users?view=inactive", 200), "周敏", "停用")
}

func TestTheLastAdministratorStays(t *testing.T) {
	o := openOffice(t)
	d := o.desk("admin")
	version := hidden(t, d.get(o.userPath("admin"), 200), "version")
	holds(t, d.post(o.userPath("admin"), 422, "version", version, "login", "admin", "name", "系统管理员", "role", "buyer", "language", "zh", "active", "1"), "这是最后一个可用的管理员")
	holds(t, d.post(o.userPath("admin"), 422, "version", version, "login", "admin", "name", "系统管理员", "role", "admin", "language", "zh"), "这是最后一个可用的管理员")
	holds(t, d.get("/system/users", 200), "系统管理员")
}

func TestKeysAreShownOnce(t *testing.T) {
	o := openOffice(t)
	d := o.desk("admin")
	holds(t, d.get("/system/keys", 200), "还没有密钥", "新建密钥")
	holds(t, d.post("/system/keys", 422, "account", strconv.FormatInt(int64(o.ids["shop"]), 10), "name", " "), "写明用在哪里")
	holds(t, d.post("/system/keys", 422, "account", strconv.FormatInt(int64(o.ids["warehouse"]), 10), "name", "扫码枪"), "这个账号的角色不能用接口")
	holds(t, d.post("/system/keys", 422, "account", "", "name", "谁的"), "选一个账号")
	made := d.post("/system/keys", 200, "account", strconv.FormatInt(int64(o.ids["shop"]), 10), "name", "ERP 同步")
	holds(t, made, "密钥“ERP 同步”已生成", "只显示这一次")
	_, key, ok := strings.Cut(made, `id="new-key"`)
	_, key, _ = strings.Cut(key, ">")
	key, _, _ = strings.Cut(key, "<")
	if u, err := o.Accounts.UserByKey(o.system(), key); !ok || err != nil || u.Login != "shop" {
		t.Fatalf("the key shown does not open: %q, %v", key, err)
	}
	again := d.get("/system/keys", 200)
	if strings.Contains(again, key) || !strings.Contains(again, key[:11]) {
		t.Error("the key is shown again, or cannot be told apart")
	}
	holds(t, again, "ERP 同步", "商城接口", "上次使用")
	keys, err := o.Accounts.Keys(o.system(), o.ids["shop"])
	if err != nil || len(keys) != 1 {
		t.Fatal(keys, err)
	}
	d.post("/system/keys/"+strconv.FormatInt(keys[0].ID, 10)+"/revoke", 303)
	holds(t, d.get("/system/keys", 200), "已作废", "密钥已作废，用它的系统马上会被拒绝")
	if _, err := o.Accounts.UserByKey(o.system(), key); !errors.Is(err, access.ErrSignedOut) {
		t.Errorf("a revoked key: %v", err)
	}
	o.desk("planner").get("/system/keys", 403)
	d.post("/system/keys/999/revoke", 404)
}

func TestProfile(t *testing.T) {
	o := openOffice(t)
	d := o.desk("zhoumin")
	holds(t, d.get("/profile", 200), "个人设置", "zhoumin · 采购", "看需求和库存，批建议")
	holds(t, d.post("/profile/name", 422, "name", " "), "姓名要 1 到 100 个字")
	d.post("/profile/name", 303, "name", "周敏敏")
	holds(t, d.get("/profile", 200), "周敏敏", "姓名已保存")
	change := func(old, fresh, again string, status int) string {
		return d.post("/profile/password", status, "old", old, "password", fresh, "again", again)
	}
	holds(t, change("", "x", "x", 422), "必须填")
	holds(t, change(password, "another long one", "another", 422), "两次输入不一样")
	holds(t, change(password, password, password, 422), "新密码和现在的一样")
	holds(t, change(password, "short", "short", 422), "密码至少 10 个字符")
	holds(t, change("wrong wrong wrong", "another long one", "another long one", 422), "现在的密码不对")
	elsewhere := o.desk("zhoumin")
	elsewhere.get("/profile", 200)
	change(password, "another long one", "another long one", 303)
	d.get("/profile", 200)
	if to := elsewhere.get("/profile", 303); !strings.HasPrefix(to, "/login") {
		t.Errorf("a session under the old password is sent to %s", to)
	}
	if _, err := o.Accounts.SignIn(o.system(), "zhoumin", "another long one"); err != nil {
		t.Error(err)
	}
	// Buyers may read by API and make keys of their own, warehouse workers not.
	holds(t, d.post("/profile/keys", 200, "name", "我的脚本"), "密钥“我的脚本”已生成")
	lacks(t, o.desk("warehouse").get("/profile", 200), "接口密钥")
	o.desk("warehouse").post("/profile/keys", 403, "name", "我的脚本")
	keys, err := o.Accounts.Keys(o.system(), o.ids["zhoumin"])
	if err != nil || len(keys) != 1 {
		t.Fatal(keys, err)
	}
	o.desk("shop").post("/profile/keys/"+strconv.FormatInt(keys[0].ID, 10)+"/revoke", 403)
	d.post("/profile/keys/"+strconv.FormatInt(keys[0].ID, 10)+"/revoke", 303)
	// A supplier's page is the portal's.
	supplier := o.desk("beili").get("/profile", 200)
	holds(t, supplier, "Milkrun 供应商", "温岭贝栗婴童用品厂", "改密码")
}

func TestSystemOverview(t *testing.T) {
	o := openOffice(t)
	holds(t, o.desk("admin").get("/system", 200), "342 MB", "heavy", "forecast.sale", "222 MB", "17.2", "后台任务", "失败任务")
	o.desk("zhoumin").get("/system", 403)
}
