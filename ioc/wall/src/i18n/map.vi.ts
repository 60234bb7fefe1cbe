/** Texts of the map beyond its buttons: groups, heat, and what a tile leaves out. */
export const mapVi = {
  "map.heat": "Bản đồ nhiệt",
  "map.heat.title": "Mật độ sự cố đang mở",
  "map.heat.few": "ít, nhẹ",
  "map.heat.many": "nhiều, nặng",
  "map.heat.note": "Một sự cố rất nghiêm trọng tính bằng tám sự cố nhẹ; vẫn được vẽ riêng.",
  "map.group.incidents": "{count} sự cố",
  "map.group.places": "{count} trạm, camera",
  "map.dropped.incidents": "sự cố chưa vẽ ở đây",
  "map.dropped.devices": "trạm chưa vẽ ở đây",
  "legend.group": "Nhóm sự cố: số lượng, mức nặng nhất",
} as const;
