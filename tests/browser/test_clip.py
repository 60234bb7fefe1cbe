"""Clips of evidence in a real browser: they load from the front and play to their end."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from cameras.packets import Header, Piece
from cameras.privacy import Mask
from cameras.reencode import Reencoder
from cameras.remux import Remux
from cameras.timeline import depth
from tests.fakes.secret import MASK, pieces

PAGE = "http://centre.test/"
PLAYED = """
async () => {
  const video = document.querySelector("video");
  const ended = new Promise((done, failed) => {
    video.addEventListener("ended", () => done());
    video.addEventListener("error", () => failed(new Error(`error ${video.error.code}: ${video.error.message}`)));
  });
  await video.play();
  await ended;
  const quality = video.getVideoPlaybackQuality();
  return [video.duration, video.videoWidth, video.currentTime, quality.totalVideoFrames, quality.corruptedVideoFrames];
}
"""


def written(path: Path, header: Header, given: list[Piece]) -> bytes:
    """The clip of a stream."""
    remux = Remux(path, header, given[0], held_back=depth(given))
    for piece in given:
        remux.add(piece)
    remux.close()
    return path.read_bytes()


@pytest.mark.parametrize(("b_frames", "masked"), [(0, False), (2, False), (2, True)])
def test_a_clip_plays_to_its_end(browser: Browser, tmp_path: Path, b_frames: int, masked: bool) -> None:
    header, given = pieces(3.0, b_frames=b_frames)
    if masked:
        anew = Reencoder(header, Mask(MASK))
        given = [one for piece in given for one in anew.take(piece)] + anew.finish(0.0)
        assert anew.header is not None
        header = anew.header
    data = written(tmp_path / "clip.mp4", header, given)
    page = browser.new_page()
    page.route(f"{PAGE}clip.mp4", lambda route: route.fulfill(body=data, content_type="video/mp4"))
    page.route(PAGE, lambda route: route.fulfill(body="<video muted src=/clip.mp4></video>", content_type="text/html"))
    page.goto(PAGE)
    length, width, reached, shown, corrupt = page.evaluate(PLAYED)
    page.close()
    assert length == pytest.approx(3.0, abs=0.2)
    assert (width, corrupt) == (640, 0)
    assert reached == pytest.approx(length, abs=0.01)
    assert shown == pytest.approx(36, abs=4)
