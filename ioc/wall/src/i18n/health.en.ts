import type { healthVi } from "./health.vi";

export const healthEn: Record<keyof typeof healthVi, string> = {
  "liveness.not": "NOT LIVE",
  "liveness.old": "old picture",
  "liveness.away": "the server does not answer",
  "picture.before": "Picture from before",
  "picture.after": "Picture when it was noticed",
  "place.reason": "Why",
  "place.grade": "Grade of the stream",
  "place.link": "Link",
  "place.stream": "Stream",
  "grade.excellent": "Excellent",
  "grade.fair": "Fair",
  "grade.poor": "Poor",
  "grade.unusable": "Unusable",
  "grade.figures": "{fps}/{expected} pictures/s · {reconnects} reconnects/h · {stalls} stalls/h",
  "reason.something covers the lens": "something covers the lens",
  "reason.the camera looks elsewhere than usual": "the camera looks elsewhere than usual",
  "reason.the picture lost its sharpness": "the picture lost its sharpness",
  "reason.a light shines into the lens and hides the view": "a light shines into the lens and hides the view",
  "reason.the light went out: nearly nothing can be seen": "the light went out: nearly nothing can be seen",
  "reason.the same picture comes again and again": "the same picture comes again and again",
  "reason.more than half of the pictures are damaged": "more than half of the pictures are damaged",
  "reason.nobody watches the cameras: their process is away":
    "nobody watches the cameras: their process is away",
  "reason.it is watched no more": "it is watched no more",
};
