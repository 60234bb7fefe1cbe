/** What the detail panel can hold. */
export interface View {
  readonly root: HTMLElement;
  /** Something on the live stream changed; `version` is nought for what has none. */
  changed(layer: string, id: string, version: number): void;
  /** Once a second, for ages. */
  tick(): void;
  /** The language has changed. */
  render(): void;
  close(): void;
  /** A letter was pressed; whether it was for this view. */
  key?(letter: string): boolean;
  /** Esc was pressed; whether something within this view was closed by it. */
  escape?(): boolean;
  /** Another silence, or one less. */
  silenced?(): void;
}
