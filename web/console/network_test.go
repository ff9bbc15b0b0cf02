package console_test

import "testing"

func TestNetworkIsEdited(t *testing.T) {
	o := openOffice(t)
	d := o.desk("planner")
	holds(t, d.get("/network", 200), "嘉兴区域仓", "30.7522, 120.7585", "区域仓", "进 0 · 出 1", "1.0 ± 0.2", "0.35")
	version := hidden(t, d.part("/network/site/JX", 200), "version")
	site := func(lat, zone string) []string {
		return []string{"version", version, "name_zh", "嘉兴一号仓", "name_en", "Jiaxing", "city_zh", "嘉兴", "tier", "regional", "lat", lat, "lon", "120.758512", "time_zone", zone, "active", "1"}
	}
	holds(t, d.post("/network/site/JX", 422, site("北纬 30", "Asia/Shanghai")...), "“北纬 30”不是数字")
	holds(t, d.post("/network/site/JX", 422, site("95", "Asia/Shanghai")...), "“95”超出范围")
	holds(t, d.post("/network/site/JX", 422, site("30.5", "Moon/Base")...), "“Moon/Base”不在可选范围内")
	d.post("/network/site/JX", 303, site("30.752212", "Asia/Shanghai")...)
	panel := d.part("/network/site/JX", 200)
	holds(t, panel, "改仓", "纬度")
	if hidden(t, panel, "lat") != "30.752212" || hidden(t, panel, "lon") != "120.758512" {
		t.Error("a coordinate lost decimals on its way through the form")
	}
	holds(t, d.post("/network/site/JX", 409, site("31", "Asia/Shanghai")...), "陈嘉禾 在")
	version = ""
	holds(t, d.post("/network/site/-", 422, append(site("31", "Asia/Tokyo"), "code", "JX")...), "“JX”已被使用")
	d.post("/network/site/-", 303, append(site("34.69", "Asia/Tokyo"), "code", "OSA")...)
	holds(t, d.get("/network", 200), "OSA", "Asia/Tokyo")
	d.part("/network/site/NOWHERE", 404)
	if to := d.get("/network/site/JX", 303); to != "/network?open=/network/site/JX" {
		t.Errorf("without htmx a site leads to %s", to)
	}

	lane := hidden(t, d.part("/network/lane/JX/XH", 200), "version")
	holds(t, d.post("/network/lane/JX/XH", 422, "version", lane, "lead_days", "0", "priority", "1", "cost", "0.35"), "要大于 0")
	d.post("/network/lane/JX/XH", 303, "version", lane, "lead_days", "1.5", "lead_sd_days", "0.25", "priority", "2", "cost", "0.4")
	holds(t, d.get("/network", 200), "1.5 ± 0.2", "0.40")
	holds(t, d.post("/network/lane/JX/XH", 409, "version", lane, "lead_days", "2", "priority", "1"), "陈嘉禾 在", "交期（天） 原来 1 1.5")
	holds(t, d.post("/network/lane/-/-", 409, "from", "JX", "to", "XH", "lead_days", "1", "priority", "1"), "这条线路已经有了")
	holds(t, d.post("/network/lane/-/-", 422, "from", "JX", "to", "JX", "lead_days", "1", "priority", "1"), "次序反了")
	d.post("/network/lane/-/-", 303, "from", "XH", "to", "JX", "lead_days", "1", "priority", "1")
	d.post("/network/lane/JX/XH/remove", 409, "version", lane)
	d.post("/network/lane/JX/XH/remove", 303, "version", hidden(t, d.part("/network/lane/JX/XH", 200), "version"))
	d.part("/network/lane/JX/XH", 404)
	if got := d.rows("/network.xlsx"); len(got) != 2 || got[1][0] != "XH" || got[1][2] != "JX" {
		t.Errorf("the workbook: %q", got)
	}
	o.desk("zhoumin").post("/network/site/JX", 403, site("1", "Asia/Shanghai")...)
}
