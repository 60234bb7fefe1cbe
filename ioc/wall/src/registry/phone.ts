import { type Position, position } from "../model";

export interface Found {
  position: Position;
  /** Metres within which it is, by what the phone says. */
  accuracy: number;
}

/** Asks the phone where it is, which asks the person. Throws when it does not say. */
export function placeOfPhone(): Promise<Found> {
  return new Promise((resolve, reject) => {
    if (!("geolocation" in navigator)) {
      reject(new Error("no geolocation"));
      return;
    }
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        const round = (degrees: number) => Math.round(degrees * 1e6) / 1e6;
        const found = position([round(coords.longitude), round(coords.latitude)]);
        if (found) resolve({ position: found, accuracy: coords.accuracy });
        else reject(new Error("no place"));
      },
      () => reject(new Error("no place")),
      { enableHighAccuracy: true, timeout: 20_000, maximumAge: 5_000 },
    );
  });
}
