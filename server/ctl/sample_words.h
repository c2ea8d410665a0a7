/*
 * sample_words.h - the words that sample.c puts together. Included there only.
 *
 * In notes, %p is a product, %n a number from 2 to 60, %w a day of the week,
 * %c the contact's name.
 */
#ifndef SV_SAMPLE_WORDS_H
#define SV_SAMPLE_WORDS_H

// clang-format off
static const char *const zh_family[] = {
    "王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周", "徐", "孙",
    "马", "朱", "胡", "郭", "何", "林", "高", "罗", "郑", "梁", "谢", "宋",
    "唐", "许", "邓", "韩", "冯", "曹", "彭", "曾", "萧", "田", "董", "潘",
    "袁", "蔡", "蒋", "余", "于", "杜", "叶", "程", "魏", "苏", "吕", "丁",
    "任", "卢", "姚", "沈", "钟", "姜", "崔", "谭", "陆", "范", "汪", "廖",
    "石", "金", "韦", "贾", "夏", "付", "方", "邹", "熊", "白", "孟", "秦",
    "欧阳", "司马", "上官", "诸葛", "尉迟", "慕容",
};
static const char *const zh_given[] = {
    "伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "军", "洋", "勇", "艳",
    "杰", "娟", "涛", "明", "超", "霞", "平", "刚", "桂英", "建华", "秀兰",
    "志强", "晓东", "雪梅", "海燕", "国庆", "文博", "思远", "雨桐", "子涵",
    "欣怡", "浩然", "梓萱", "玉兰", "春花", "永福", "德胜", "长生", "金凤",
    "红梅", "庆丰", "立新", "宝山", "小军", "美玲", "家豪", "志明", "惠珍",
    "一鸣", "天佑", "若曦", "俊熙", "丽华", "建国", "爱民", "卫东", "冬梅",
};
/* Characters beyond the basic plane and other rare ones, as in real names. */
static const char *const zh_rare[] = {
    "𠮷", "𣲗", "𫖮", "𬤇", "𫐓", "𬱖", "𪚥", "䶮", "堃", "喆", "犇", "淼",
};
static const char *const zh_brand[] = {
    "福隆", "兴泰", "祥和", "万家", "永辉", "德顺", "鑫源", "好又来", "大润",
    "家乐", "金穗", "天成", "恒昌", "瑞丰", "同心", "惠民", "百顺", "聚鑫",
    "和记", "老街坊", "小二黑", "龙腾", "凤来", "吉祥", "如意", "四季", "东方",
    "江南", "北国", "西湖", "南岭", "长青", "宏达", "广源", "盛世", "华联",
    "新时代", "一品", "千禧", "康乐", "鸿运", "锦绣", "阳光", "红星", "邻里",
    "便民", "顺风", "春晓", "秋实", "满堂", "半亩", "木棉", "石榴", "丰收",
};
static const char *const zh_trade[] = {
    "超市", "便利店", "粮油店", "副食店", "烟酒行", "百货", "商行", "药房",
    "餐厅", "茶庄", "五金店", "水果店", "文具店", "母婴店", "批发部", "土特产店",
    "生鲜", "食品商行", "日用品店", "小卖部", "饭店", "面馆", "烘焙坊", "花店",
    "电器行", "服装店", "鞋店", "眼镜店", "书店", "建材行",
};
static const char *const zh_title[] = {
    "老板", "店长", "采购", "经理", "老板娘", "仓管", "财务", "收银",
};
static const char *const zh_road[] = {
    "人民路", "解放路", "中山路", "建设路", "和平路", "新华街", "文化路",
    "胜利街", "长江路", "黄河路", "南京路", "北京路", "友谊路", "青年路",
    "光明街", "工农路", "站前街", "滨河路", "学府路", "迎宾大道", "西关巷",
    "鼓楼街", "老东门", "桂花巷", "槐树里",
};
static const struct city {
    const char *country, *province, *name, *postcode, *area;
    const char *district[4];
} zh_city[] = {
    { "CN", "北京市", "北京市", "1000", "010", { "朝阳区", "海淀区", "丰台区", "通州区" } },
    { "CN", "上海市", "上海市", "2000", "021", { "浦东新区", "徐汇区", "闵行区", "宝山区" } },
    { "CN", "广东省", "广州市", "5100", "020", { "天河区", "越秀区", "番禺区", "白云区" } },
    { "CN", "广东省", "佛山市", "5280", "0757", { "禅城区", "南海区", "顺德区", "三水区" } },
    { "CN", "四川省", "成都市", "6100", "028", { "锦江区", "武侯区", "郫都区", "双流区" } },
    { "CN", "湖北省", "武汉市", "4300", "027", { "江岸区", "武昌区", "洪山区", "蔡甸区" } },
    { "CN", "浙江省", "杭州市", "3100", "0571", { "上城区", "西湖区", "余杭区", "萧山区" } },
    { "CN", "江苏省", "苏州市", "2150", "0512", { "姑苏区", "吴中区", "相城区", "昆山市" } },
    { "CN", "山东省", "青岛市", "2660", "0532", { "市南区", "崂山区", "即墨区", "胶州市" } },
    { "CN", "陕西省", "西安市", "7100", "029", { "碑林区", "雁塔区", "长安区", "临潼区" } },
    { "CN", "辽宁省", "沈阳市", "1100", "024", { "和平区", "沈河区", "铁西区", "浑南区" } },
    { "CN", "湖南省", "长沙市", "4100", "0731", { "芙蓉区", "岳麓区", "雨花区", "望城区" } },
    { "CN", "河南省", "郑州市", "4500", "0371", { "金水区", "二七区", "中原区", "新郑市" } },
    { "CN", "云南省", "昆明市", "6500", "0871", { "五华区", "盘龙区", "官渡区", "呈贡区" } },
    { "CN", "福建省", "泉州市", "3620", "0595", { "鲤城区", "丰泽区", "晋江市", "石狮市" } },
    { "CN", "广西", "南宁市", "5300", "0771", { "青秀区", "兴宁区", "江南区", "武鸣区" } },
};
static const char *const la_first[] = {
    "Anna", "José", "Marta", "Øyvind", "Zoë", "Paulo", "Agnès", "Jürgen",
    "Ewa", "Luca", "Siân", "Tomáš", "Ingrid", "Rafael", "Chloé", "Søren",
    "Nora", "Miguel", "Elif", "Piotr", "Greta", "Declan", "Beatriz", "Hugo",
    "Katarína", "Niall", "Olga", "Stéphane", "Ugo", "Vera", "Walter", "Ximena",
};
static const char *const la_last[] = {
    "Almeida", "Bäcker", "Castellano", "Dąbrowski", "Eriksen", "Fontaine",
    "García", "Hallström", "Iglesias", "Jørgensen", "Kowalczyk", "Lindqvist",
    "Moreau", "Núñez", "O'Brien", "Pfeiffer", "Quintana", "Rossi", "Šimko",
    "Teixeira", "Ulrich", "Varga", "Whitmore", "Yıldız", "Zanetti", "McAvoy",
    "van der Berg", "de la Cruz",
};
static const char *const la_brand[] = {
    "Harbour", "Old Mill", "Corner", "La Plaza", "Sunrise", "Green Gate",
    "Blue Anchor", "Mercado", "Am Markt", "Chez", "Casa", "Nordic", "Riverside",
    "Three Pines", "High Street", "Bella", "El Sol", "Kastanien", "Stella",
    "Fjord", "Lighthouse", "Copper Kettle", "Rosa", "Station", "Twelve Bells",
};
static const char *const la_trade[] = {
    "Foods", "Grocers", "Stores", "Café", "Deli", "Pharmacy", "Bakery",
    "Hardware", "Wines & Spirits", "Market, Ltd.", "Provisions", "Bistro",
    "Kiosk", "Feinkost", "Ultramarinos", "Traiteur", "Books", "Florist",
    "\"The Shop\"", "Tea Room",
};
static const char *const la_title[] = {
    "Owner", "Buyer", "Store manager", "Accounts", "Head chef", "Assistant",
};
static const char *const la_road[] = {
    "High St", "Station Rd", "Market Sq", "Rue de l'Église", "Hauptstraße",
    "Calle Mayor", "Via Roma", "Mill Lane", "Quai du Port", "Storgata",
    "Plaza de la Constitución", "Lindenallee",
};
static const struct city la_city[] = {
    { "GB", "Kent", "Whitstable", "CT5 ", "+44 1227", { "Harbour", "Tankerton", "Seasalter", "Chestfield" } },
    { "IE", "Cork", "Kinsale", "P17 ", "+353 21", { "Scilly", "Summercove", "Worlds End", "Compass Hill" } },
    { "DE", "Bayern", "Bamberg", "9604", "+49 951", { "Insel", "Berg", "Gaustadt", "Wunderburg" } },
    { "FR", "Bretagne", "Vannes", "5600", "+33 2", { "Port", "Ménimur", "Kercado", "Centre" } },
    { "ES", "Asturias", "Avilés", "3340", "+34 985", { "Sabugo", "Villalegre", "Centro", "Versalles" } },
    { "IT", "Liguria", "Camogli", "1603", "+39 0185", { "Porto", "Ruta", "Isola", "Boschetto" } },
    { "NO", "Vestland", "Voss", "570", "+47 56", { "Vangen", "Skulestadmo", "Bulken", "Palmafossen" } },
    { "PL", "Podlaskie", "Supraśl", "16-0", "+48 85", { "Rynek", "Podsupraśl", "Cieliczanka", "Nowe" } },
};
static const char *const tags[] = {
    "vip", "cash-only", "new", "seasonal", "chain", "key-account", "slow-payer",
    "night-delivery", "月结", "现金", "重点客户", "新客户", "旺季", "连锁",
    "需冷链", "旺铺",
};
static const char *const zh_product[] = {
    "绿茶", "酱油", "花生油", "方便面", "矿泉水", "啤酒", "牛奶", "洗衣液",
    "纸巾", "月饼礼盒", "大米", "白酒", "薯片", "火腿肠", "洗发水",
};
static const char *const la_product[] = {
    "green tea", "olive oil", "oat biscuits", "tonic water", "ground coffee",
    "dish soap", "sardines", "rye bread", "cider", "candles", "marmalade",
    "paper towels", "rice", "batteries",
};
static const char *const zh_day[] = {
    "周一", "周二", "周三", "周四", "周五", "周六",
};
static const char *const la_day[] = {
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
};
static const char *const zh_note[] = {
    "%c说%p卖得不错，再要%n箱，%w送到。",
    "店里%p断货三天了，已答应%w前补%n箱。",
    "老板不在，跟%c聊了几句，约%w再来。",
    "对%p的价格有意见，说隔壁便宜%n块。要不要申请促销？",
    "货架换到门口了，%p陈列比上次好很多。",
    "+%n箱%p，月底一起结账。",
    "退货：%p有%n瓶漏液，已拍照。\n换货单下次带来。",
    "关门，邻居说去进货了，下午才回。",
    "%c提到一家新店要开，在对面，面积大概%n平米。",
    "催款：还欠%n百元，答应%w转账。",
    "推荐了新款%p，留了两份试吃，\"先看看再说\"。",
    "=赠品已发完，%c要求下次多带%n份",
    "竞品在做买三送一，%p这个月可能受影响。",
    "签收单拍照上传，%p共%n件，无破损。",
    "天气太热，冰柜坏了，%p先不进。报修电话已给。",
};
static const char *const la_note[] = {
    "%c wants %n more cases of %p, delivered on %w.",
    "Out of %p since last week; promised %n cases before %w.",
    "Owner away, spoke to %c. Back on %w.",
    "Thinks our %p is too dear, next door asks %n cents less.",
    "Shelf moved next to the door: %p looks much better, 2\" more room.",
    "+%n cases %p, to be paid at the end of the month",
    "Returns: %n jars of %p leaking, photographed.\nBring the credit note.",
    "Closed. Neighbour says they are back in the afternoon.",
    "%c says a new shop opens across the road, about %n square metres.",
    "Still owes %n invoices, \"transfer on %w\".",
    "Left two samples of %p; %c will ask the chef.",
    "- %p: stop until the cold room is repaired (%w?)",
    "Competitor gives three for two; %p will suffer this month.",
    "Delivery checked with %c, %n pieces, nothing broken.",
    "Asked for posters, %n of them; and for %p in the small size.",
};
static const char *const zh_step[] = {
    "送样品", "补货", "对账", "带新价目表", "约老板见面", "换陈列架", "收款",
};
static const char *const la_step[] = {
    "bring samples", "refill the shelf", "go through the invoices",
    "bring the new price list", "meet the owner", "collect payment",
};
static const char *const kinds[] = {
    "customer", "customer", "customer", "customer", "customer", "customer",
    "distributor", "partner", "supplier", "competitor",
};
static const char *const visit_types[] = {
    "sales", "sales", "sales", "service", "collection", "survey", "delivery",
    "audit",
};
static const char *const outcomes[] = {
    "order", "order", "promise", "no-decision", "closed-door", "refused",
};
// clang-format on

#endif
