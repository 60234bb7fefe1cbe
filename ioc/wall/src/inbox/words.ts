/**
 * Every text of the inbox, in both languages. It has a table of its own: the wall's would be five times the page. What
 * tickets are, and what happens to them, is called as on the wall (a test compares).
 */

const STORED = "ioc.language";

const TEXTS = {
  title: ["Việc của tôi", "My tickets"],
  loading: ["Đang tải…", "Loading…"],
  empty: ["Không có việc nào đang chờ.", "Nothing is waiting."],
  all: ["Tất cả {n}", "All {n}"],
  mine: ["Của tôi {n}", "Mine {n}"],
  mark: ["của tôi", "mine"],
  more: ["Còn {n} việc nữa", "{n} more"],
  fresh: ["Cập nhật lúc {time}", "Updated at {time}"],
  lost: ["Cập nhật lúc {time}, mất kết nối", "Updated at {time}, connection lost"],
  never: ["Chưa tải được, mất kết nối", "Nothing loaded yet, connection lost"],
  trying: ["Đang kết nối…", "Connecting…"],
  again: ["Tải lại", "Refresh"],
  unsent: ["{n} bước chưa gửi", "{n} steps not sent"],
  sending: ["Đang gửi…", "Sending…"],
  conflicts: ["{n} bước cần xem lại", "{n} steps need you"],
  signout: ["Đăng xuất", "Sign out"],
  menu: ["Tài khoản", "Account"],
  language: ["English", "Tiếng Việt"],
  back: ["Quay lại", "Back"],
  close: ["Đóng", "Close"],
  wall: ["Màn hình chính", "The wall"],
  locked: ["Phiên đã hết hạn", "The session has ended"],
  lockedwhy: [
    "Hãy đăng nhập lại để xem việc. Các bước chưa gửi và ảnh vẫn được giữ trên máy này.",
    "Sign in again to see your tickets. Steps not sent and photos are kept on this phone.",
  ],
  signin: ["Đăng nhập", "Sign in"],
  keepout: [
    "{n} bước chưa gửi được giữ trên máy này cho tài khoản này. Đăng xuất?",
    "{n} steps not sent stay on this phone for this account. Sign out?",
  ],
  gone: [
    "Việc này không còn trong danh sách của bạn: đã chuyển hoặc đã xong.",
    "This ticket is not in your list any more: it moved or is done.",
  ],
  partial: [
    "Chi tiết chưa tải được; đây là phần đã có.",
    "Details are not loaded yet; this is what is here.",
  ],
  late: ["quá hạn {span}", "overdue by {span}"],
  left: ["còn {span} để xong", "{span} left"],
  acceptlate: ["quá hạn nhận {span}", "accept overdue by {span}"],
  acceptleft: ["còn {span} để nhận", "{span} left to accept"],
  nodue: ["không có hạn", "no due time"],
  stopped: ["đồng hồ dừng", "clock stands still"],
  days: ["{n} ngày", "{n} d"],
  hours: ["{n} giờ", "{n} h"],
  minutes: ["{n} phút", "{n} min"],
  moments: ["chưa đến 1 phút", "less than 1 min"],
  whathead: ["Việc cần làm", "What has to be done"],
  wherehead: ["Ở đâu", "Where"],
  whohead: ["Ai phụ trách", "Who"],
  loghead: ["Nhật ký", "Log"],
  nobody: ["chưa có người nhận", "nobody yet"],
  due: ["Hạn xong {time}", "Due {time}"],
  incident: ["Sự cố: {title}", "Incident: {title}"],
  result: ["Kết quả: {text}", "Result: {text}"],
  waitingfor: ["Tạm dừng: {text}", "On hold: {text}"],
  openmap: ["Mở bản đồ của máy", "Open in the phone's map"],
  whereami: ["Vị trí của tôi", "My position"],
  away: ["Cách bạn {far}", "{far} from you"],
  noplace: ["Máy không cho biết vị trí.", "The phone does not tell its position."],
  nomap: ["Chưa tải được bản đồ nhỏ.", "The small map is not loaded yet."],
  maplabel: ["Bản đồ nhỏ quanh nơi xảy ra", "A small map around the place"],
  photosn: ["Xem {n} ảnh", "Photos ({n})"],
  phoned: ["ghi lúc {time} trên máy", "made at {time} on the phone"],
  system: ["Hệ thống", "System"],
  other: ["Khác…", "More…"],
  steps: ["Các bước", "Steps"],
  why: ["Lý do", "Reason"],
  resulttext: ["Kết quả", "Result"],
  text: ["Nội dung", "Text"],
  task: ["Việc giao cho đơn vị kia", "What the other unit has to do"],
  unit: ["Chuyển đến đơn vị", "To the unit"],
  choose: ["Chọn…", "Choose…"],
  owner: ["Giao cho (tên đăng nhập)", "Give to (login)"],
  tome: ["Tôi", "Me"],
  photo: ["Chụp ảnh", "Take a photo"],
  pick: ["Chọn ảnh có sẵn", "Choose photos"],
  drop: ["Bỏ ảnh {n}", "Remove photo {n}"],
  send: ["Gửi", "Send"],
  needtext: ["Hãy ghi vài chữ.", "Please write a few words."],
  needunit: ["Hãy chọn đơn vị.", "Please choose a unit."],
  nounits: ["Danh sách đơn vị chưa tải được.", "The list of units is not loaded yet."],
  badphoto: ["Không đọc được ảnh này.", "This picture cannot be read."],
  full: ["Máy không còn chỗ, chưa lưu được: {why}", "The phone has no room, not kept: {why}"],
  queued: ["Chờ gửi: {step}", "Waiting to be sent: {step}"],
  queuedat: ["ghi lúc {time}", "made at {time}"],
  upload: ["Ảnh {n}: {part}%", "Photo {n}: {part}%"],
  sent: ["Đã gửi: {step}", "Sent: {step}"],
  noted: ["Đã ghi: {step}. Sẽ gửi khi có mạng.", "Noted: {step}. It is sent when there is a network."],
  conflict: ["Việc này đã thay đổi", "This ticket has changed"],
  conflictwhy: [
    "Bước của bạn chưa được ghi. Xem hai bên rồi chọn.",
    "Your step was not entered. Look at both, then choose.",
  ],
  refused: ["Bước này chưa được nhận", "This step was not taken"],
  yours: ["Bạn đã ghi", "What you wrote"],
  meanwhile: ["Trong lúc đó", "What happened meanwhile"],
  nowstate: ["Hiện nay: {state}", "Now: {state}"],
  resend: ["Gửi lại trên hiện trạng", "Send on the present state"],
  ascomment: ["Gửi thành ý kiến", "Send as a comment"],
  discard: ["Bỏ bước này", "Discard this step"],
  sure: ["Bỏ hẳn nội dung này? Không lấy lại được.", "Discard this for good? It cannot be brought back."],
  behind: ["Chờ bước trước đó của việc này", "Waits for the step before it"],
  nphotos: ["{n} ảnh", "{n} photos"],
  notshown: [
    "Việc này không còn của đơn vị bạn (đã chuyển hoặc trả đi). Chép lại điều cần giữ rồi bỏ bước này.",
    "The ticket is not your unit's any more (it was handed on). Copy what you need, then discard this step.",
  ],
} as const;

const GROUPS: Record<string, Record<string, readonly [string, string]>> = {
  severity: {
    extreme: ["Rất nghiêm trọng", "Extreme"],
    severe: ["Nghiêm trọng", "Severe"],
    moderate: ["Trung bình", "Moderate"],
    minor: ["Nhẹ", "Minor"],
  },
  state: {
    new: ["Chờ nhận", "To be accepted"],
    accepted: ["Đã nhận", "Accepted"],
    working: ["Đang làm", "Working"],
    waiting: ["Tạm dừng", "On hold"],
    resolved: ["Đã làm xong", "Done"],
    verified: ["Đã xác nhận", "Verified"],
    closed: ["Đã đóng", "Closed"],
    reopened: ["Mở lại, chờ nhận", "Reopened, to be accepted"],
    cancelled: ["Đã hủy", "Cancelled"],
    left: ["Đã trả hoặc chuyển đi", "Handed on"],
  },
  step: {
    accept: ["Nhận", "Accept"],
    refuse: ["Từ chối", "Refuse"],
    forward: ["Chuyển đơn vị", "Forward"],
    assign: ["Giao cho", "Assign"],
    start: ["Bắt đầu làm", "Start"],
    wait: ["Tạm dừng", "Put on hold"],
    resume: ["Làm tiếp", "Resume"],
    resolve: ["Báo làm xong", "Done"],
    verify: ["Xác nhận kết quả", "Verify"],
    close: ["Đóng phiếu", "Close"],
    reopen: ["Mở lại", "Reopen"],
    cancel: ["Hủy phiếu", "Cancel ticket"],
    comment: ["Ghi ý kiến", "Comment"],
    sub: ["Thêm đơn vị", "Add a unit"],
  },
  stage: {
    accept: ["quá hạn nhận", "late to be accepted"],
    due: ["quá hạn làm xong", "late to be done"],
    resolved: ["xong mà chưa ai xác nhận", "done, not verified"],
  },
  whom: {
    owner: ["người làm", "who works on it"],
    duty: ["người đang trực", "who is on duty"],
    team: ["tổ đội", "the team"],
    unit: ["cả đơn vị", "the unit"],
    sender: ["đơn vị đã gửi", "who sent it"],
    parent: ["đơn vị của phiếu chính", "the main ticket's unit"],
    province: ["trung tâm tỉnh", "the province's centre"],
  },
  what: {
    opened: ["Mở phiếu", "Opened"],
    accepted: ["Đã nhận", "Accepted"],
    refused: ["Từ chối", "Refused"],
    forwarded: ["Chuyển đơn vị", "Forwarded"],
    assigned: ["Giao việc", "Assigned"],
    started: ["Bắt đầu làm", "Started"],
    waiting: ["Tạm dừng", "Put on hold"],
    resumed: ["Làm tiếp", "Resumed"],
    resolved: ["Báo làm xong", "Done"],
    verified: ["Xác nhận kết quả", "Verified"],
    closed: ["Đóng phiếu", "Closed"],
    reopened: ["Mở lại", "Reopened"],
    cancelled: ["Hủy phiếu", "Cancelled"],
    comment: ["Ý kiến", "Comment"],
    sub: ["Thêm đơn vị cùng làm", "Added a unit"],
    part: ["Trở thành một phần của phiếu", "Became a part of ticket"],
    escalated: ["Chuyển lên cấp trên", "Moved up"],
    reorganised: ["Giao lại vì đơn vị hành chính thay đổi", "Given anew: units were reorganised"],
    bounced_up: ["Chuyển lên cấp trên vì bị chuyển quá nhiều lần", "Bounced too often, so it went up"],
    severity: ["Đổi mức độ", "Severity changed"],
    reminded: ["Đã nhắc", "Reminded"],
    told: ["Đã báo", "Told"],
    notified: ["Đã báo", "Told"],
    reassigned: ["Giao lại", "Reassigned"],
    moved: ["Chuyển sang sự cố khác", "Moved to another incident"],
  },
};

/** Reasons that are given often; each can be completed by hand. */
const REASONS: Record<string, readonly (readonly [string, string])[]> = {
  refuse: [
    ["Không thuộc địa bàn", "Not our area"],
    ["Không thuộc nhiệm vụ của đơn vị", "Not our task"],
    ["Trùng với việc khác", "Duplicate of another"],
  ],
  forward: [
    ["Thuộc đơn vị khác", "Another unit's task"],
    ["Cần phương tiện của đơn vị khác", "Needs another unit's equipment"],
  ],
  wait: [
    ["Chờ nước rút", "Waiting for the water to fall"],
    ["Chờ vật tư, phương tiện", "Waiting for material"],
    ["Đường bị chia cắt", "The road is cut"],
    ["Chờ lực lượng hỗ trợ", "Waiting for support"],
  ],
  resolve: [
    ["Đã xử lý xong tại chỗ", "Dealt with on the spot"],
    ["Đã kiểm tra, không có sự cố", "Checked, nothing is wrong"],
    ["Đã rào chắn, cảnh báo", "Fenced off and signed"],
  ],
  reopen: [
    ["Sự việc tái diễn", "It happened again"],
    ["Kết quả chưa đạt", "The result is not enough"],
  ],
  cancel: [["Mở nhầm", "Opened by mistake"]],
};

export type Key = keyof typeof TEXTS;
export type Language = "vi" | "en";

let at: 0 | 1 = 0;

export function language(): Language {
  return at === 0 ? "vi" : "en";
}

/** Takes the reader's own choice, else what is preferred. Storage may be forbidden. */
export function speak(preferred?: string): void {
  let chosen: string | null = null;
  try {
    chosen = localStorage.getItem(STORED);
  } catch {
    // Then it is not remembered.
  }
  at = (chosen ?? preferred) === "en" ? 1 : 0;
}

export function otherLanguage(): void {
  at = at === 0 ? 1 : 0;
  try {
    localStorage.setItem(STORED, language());
  } catch {
    // The choice then lasts until the page closes.
  }
}

export function t(key: Key, values: Record<string, string | number> = {}): string {
  return TEXTS[key][at].replace(/\{(\w+)\}/g, (hole, name: string) => String(values[name] ?? hole));
}

/** The text of a word that came over the wire, or the word itself where the inbox does not know it. */
export function word(group: string, value: string): string {
  return GROUPS[group]?.[value]?.[at] ?? value;
}

export function reasons(step: string): string[] {
  return (REASONS[step] ?? []).map((one) => one[at]);
}
