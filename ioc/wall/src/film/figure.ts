import { CameraScreen } from "./screen";
import { FilmSource } from "./source";

/** What one camera shows now, for as long as it is on the page. */
export class LiveFigure {
  private readonly screen: CameraScreen;
  private readonly source: FilmSource;
  readonly root: HTMLElement;

  constructor(readonly camera: string) {
    this.screen = new CameraScreen(camera);
    this.root = this.screen.root;
    this.source = new FilmSource(new Map([[camera, this.screen]]));
    this.source.start();
  }

  tick(): void {
    this.screen.tick();
  }

  close(): void {
    this.source.close();
    this.screen.close();
  }
}
