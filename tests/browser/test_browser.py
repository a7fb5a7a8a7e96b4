"""A real browser opens the lectures, runs all, moves a slider, types a word."""

from __future__ import annotations

import contextlib
import os
import re
import statistics
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import lab

LECTURES = sorted((Path(__file__).parents[2] / "notebooks").glob("[0-9][0-9]_*.ipynb"))
EXPLORERS = ".jp-OutputArea-output .widget-vbox:has(img, .js-plotly-plot)"
BOX = "xpath=ancestor::div[contains(@class, 'widget-vbox')][1]"
REDRAW_MS, KEYS = 150, 40
SLACK = float(os.environ.get("IMI_SLACK", "2.5"))

pytestmark = [
    pytest.mark.skipif(not lab.CHROMIUM, reason="there is no Chromium; set CHROMIUM"),
    pytest.mark.filterwarnings("ignore"),
]


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api", reason="the extra `browser` is missing")
    with playwright.sync_playwright() as tools:
        running = tools.chromium.launch(executable_path=lab.CHROMIUM, args=lab.FLAGS)
        yield running
        running.close()


def explorer_with(page, selector: str):
    """Returns the first box of widgets that holds `selector` and a picture."""
    boxes = page.locator(f".widget-vbox:has({selector}):has(img)")
    boxes.first.scroll_into_view_if_needed()
    boxes.first.wait_for(timeout=30_000)
    return boxes.first


def labelled(name: str) -> str:
    """Returns the selector of controls with this label."""
    return f".widget-inline-hbox:has(.widget-label:text-is('{name}'))"


def shoot_explorers(page, name: str) -> None:
    """Keeps a screenshot of the page at each explorer, where IMI_SCREENSHOTS names a folder."""
    folder = os.environ.get("IMI_SCREENSHOTS")
    boxes = page.locator(EXPLORERS)
    assert boxes.count() > 0
    for number in range(boxes.count() if folder else 0):
        boxes.nth(number).scroll_into_view_if_needed()
        boxes.nth(number).wait_for(timeout=30_000)  # some answer with a text, not with a picture
        page.wait_for_timeout(500)  # until the page has scrolled and drawn
        page.screenshot(path=f"{folder}/{name}-{number + 1}.png")


@pytest.mark.parametrize("lecture", LECTURES, ids=lambda path: path.stem)
def test_the_lecture_runs_and_its_widgets_answer(lecture, browser, tmp_path, capsys):
    lab.copy_without_outputs(lecture, tmp_path)
    with lab.jupyterlab(tmp_path) as address:
        page = browser.new_page(viewport={"width": 1280, "height": 1400})
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        lab.open_and_run(page, address, lecture.name, slack=SLACK)
        lab.show_everything(page)
        errors = page.locator("[data-mime-type='application/vnd.jupyter.error']")
        assert errors.count() == 0, errors.all_inner_texts()

        slides = lecture.stem not in WITHOUT_SLIDERS
        times = move_a_slider(page, SLIDERS.get(lecture.stem)) if slides else []
        for step in STEPS[lecture.stem]:
            step(page)
        shoot_explorers(page, f"{lecture.stem}-light")
        lab.use_dark_theme(page)
        shoot_explorers(page, f"{lecture.stem}-dark")
        assert problems == []
        page.close()
    if not times:
        return
    times.sort()
    slow = times[int(0.95 * len(times))]
    with capsys.disabled():
        print(f"\n{lecture.stem}: slider to redraw, median {statistics.median(times):.0f} ms, "
              f"95th percentile {slow:.0f} ms of {REDRAW_MS}")  # fmt: skip
    assert slow < REDRAW_MS * SLACK


def move_a_slider(page, name: str | None) -> list[float]:
    """Moves a slider, the first or the one called so, back and forth; returns ms to each redraw."""
    if name is None:
        box = explorer_with(page, ".noUi-handle")
        handle = box.locator(".noUi-handle").first
    else:
        handle = page.locator(f"{labelled(name)} .noUi-handle").first
        handle.scroll_into_view_if_needed()
        box = handle.locator(BOX)
    handle.focus()
    there, back = "ArrowRight", "ArrowLeft"
    if handle.get_attribute("aria-valuenow") == handle.get_attribute("aria-valuemax"):
        there, back = back, there
    times = []
    for number in range(KEYS):
        page.evaluate(
            "box => { window.waiting = (" + lab.REDRAW + ")(box); }", box.element_handle()
        )
        # JupyterLab takes the focus back once, some seconds after the last cell has run.
        handle.press(back if number % 2 else there)
        times.append(page.evaluate("() => window.waiting"))
        page.wait_for_timeout(60)
    return times


@contextlib.contextmanager
def redrawn(page, box) -> Iterator[None]:
    """Waits until what is done inside has changed the picture of a box of widgets, if it has one.

    A box that answers in words alone holds an image, too, which is not shown.
    """
    picture = box.locator("img").first
    before = picture.get_attribute("src") if picture.is_visible() else None
    yield
    if before is not None:
        page.wait_for_function(
            "([box, before]) => box.querySelector('img').src !== before",
            arg=[box.element_handle(), before],
        )


def type_a_word(page) -> None:
    """Types into the last field for a text; the picture changes, and a wrong word is named."""
    fields = page.locator(".widget-vbox:has(img) input[type=text]")
    field = fields.last
    field.scroll_into_view_if_needed()
    box = field.locator(BOX)
    with redrawn(page, box):
        field.fill("tuesday")
        field.press("Enter")
    field.fill("<b>zzyzx")
    field.press("Enter")
    box.get_by_text("<b>zzyzx").first.wait_for(timeout=10_000)


def read_a_map(page) -> None:
    """Clicks a document of the map, then types a title, then a text, then one without a word."""
    box = page.locator(".widget-vbox:has(.js-plotly-plot)").first
    box.scroll_into_view_if_needed()
    plot, status = box.locator(".js-plotly-plot").first, box.get_by_role("status").first
    plot.wait_for(timeout=30_000)
    before = status.inner_text()
    x, y = plot.evaluate(FIRST_POINT)
    page.mouse.move(x, y)
    page.wait_for_timeout(500)
    page.mouse.click(x, y)
    page.wait_for_function(
        "([e, old]) => e.innerText !== old", arg=[status.element_handle(), before]
    )
    fields = box.locator("input[type=text]")
    for number, typed, answer in (
        (0, "<b>zzyzx", "<b>zzyzx"),
        (0, "Samurai", "Samurai ("),
        (1, "a river flows from the mountains to the sea", "Near your text: "),
        (1, "zzyzx", "none of these words"),
    ):
        fields.nth(number).fill(typed)
        fields.nth(number).press("Enter")
        box.get_by_text(answer).first.wait_for(timeout=10_000)


# Where on the page the point of the first group lies that is farthest from all other groups'.
FIRST_POINT = """plot => {
  const {xaxis, yaxis} = plot._fullLayout, frame = plot.getBoundingClientRect();
  const [own, ...others] = plot._fullData.filter(trace => trace.x.length > 1);
  const spots = trace => Array.from(trace.x, (x, n) => [xaxis.l2p(x), yaxis.l2p(trace.y[n])]);
  const far = others.flatMap(spots);
  const room = ([x, y]) => Math.min(...far.map(([a, b]) => Math.hypot(a - x, b - y)));
  const [x, y] = spots(own).reduce((best, spot) => room(spot) > room(best) ? spot : best);
  return [frame.x + xaxis._offset + x, frame.y + yaxis._offset + y];
}"""


def calculate_an_analogy(page) -> None:
    """Asks for the capital of Japan, then for a word that nobody knows."""
    box = explorer_with(page, ".widget-toggle-buttons")
    fields = box.locator("input[type=text]")
    for number, word in enumerate(("france", "paris", "japan")):
        fields.nth(number).fill(word)
        fields.nth(number).press("Enter")
    box.get_by_text("tokyo").first.wait_for(timeout=10_000)
    fields.nth(2).fill("<b>japn")
    fields.nth(2).press("Enter")
    box.get_by_text("is not among the").first.wait_for(timeout=10_000)


def search_the_map(page) -> None:
    """Searches a word on the map of words: the star moves there."""
    box = page.locator(".widget-vbox:has(.js-plotly-plot)").first
    box.scroll_into_view_if_needed()
    field = box.locator("input[type=text]")
    field.fill("berlin")
    field.press("Enter")
    box.get_by_text("nearest to berlin").first.wait_for(timeout=10_000)
    box.locator(".textpoint >> text=berlin").first.wait_for(timeout=10_000)


def field_called(page, name: str, number: int = -1):
    """Returns a field for a text with this label, the last one, and the box of widgets it is in."""
    labels = labelled(name)
    field = page.locator(f"{labels} input[type=text], {labels} textarea").nth(number)
    field.scroll_into_view_if_needed()
    return field, field.locator(BOX)


def let_it_write(page, beginning: str) -> None:
    """Types a beginning; the net goes on from it, and a letter that it does not know is named."""
    field, box = field_called(page, "beginning")
    field.fill(beginning)
    field.press("Enter")
    page.wait_for_function(
        "([box, start]) => { const said = box.querySelector('[role=status]').textContent;"
        " return said.startsWith(start) && said.length > 200; }",
        arg=[box.element_handle(), beginning],
    )
    field.fill("猫")
    field.press("Enter")
    box.get_by_text("not '猫'").first.wait_for(timeout=10_000)


def type_a_text(page, name: str, text: str) -> None:
    """Types a text of one's own; its picture takes the place of the first one."""
    field, box = field_called(page, name)
    with redrawn(page, box):
        field.fill(text)
        field.press("Tab")


def translate_a_sentence(page, sentence: str, word: str) -> None:
    """Types a sentence into the first translator and reads a word of the answer; then nothing."""
    field, box = field_called(page, "sentence", 0)
    with redrawn(page, box):
        field.fill(sentence)
        field.press("Enter")
    box.get_by_role("status").get_by_text(word).first.wait_for(timeout=10_000)
    field.fill("")
    field.press("Enter")
    box.get_by_text("there is nothing to translate").first.wait_for(timeout=10_000)


def step_through_the_decoder(page, name: str, sentence: str) -> None:
    """Types a sentence and looks at the second piece of its translation."""
    type_a_text(page, name, sentence)
    _, box = field_called(page, name)
    with redrawn(page, box):
        box.locator(".noUi-handle").first.focus()
        page.keyboard.press("ArrowRight")


def translate_a_mixed_sentence(page) -> None:
    """Asks for English of a sentence that begins in Japanese and ends in Korean."""
    field, box = field_called(page, "your sentence")
    box.locator(f"{labelled('direction')} select").select_option("Japanese → English")
    with redrawn(page, box):
        field.fill("子どもは 이웃을 알아요.")
        field.press("Enter")
    box.get_by_role("status").get_by_text("child").first.wait_for(timeout=10_000)


def blend_two_tags(page) -> None:
    """Moves the tag-mix slider from Japanese to Korean; what is written follows."""
    handle = page.locator(f"{labelled('w')} .noUi-handle").first
    handle.scroll_into_view_if_needed()
    box = handle.locator(BOX)
    handle.focus()
    for key, script in (("ArrowLeft", "[ぁ-ん]"), ("ArrowRight", "[가-힣]")):
        for _ in range(20):  # from 1 to 0, or back
            page.keyboard.press(key)
        page.wait_for_function(
            "([box, script]) =>"
            " new RegExp(script).test(box.querySelector('[role=status]').textContent)",
            arg=[box.element_handle(), script],
        )


def recolour_the_map(page) -> None:
    """Colours the interlingua map by language instead of by meaning: the legend names them."""
    box = page.locator(".widget-vbox:has(.js-plotly-plot)").first
    box.scroll_into_view_if_needed()
    assert box.locator(".legendtext").count() == 0
    box.locator(f"{labelled('colour by')} select").select_option("language that is read")
    for language in ("English", "Japanese", "Korean"):
        box.locator(f".legendtext >> text={language}").first.wait_for(timeout=10_000)


def press_a_button(page, name: str, answer: str = "") -> None:
    """Clicks one of several buttons; the picture changes, and the answer, if any, is read."""
    button = page.get_by_role("button", name=name, exact=True).first
    button.scroll_into_view_if_needed()
    box = button.locator(BOX)
    with redrawn(page, box):
        button.click()
    if answer:
        box.get_by_role("status").get_by_text(answer).first.wait_for(timeout=10_000)


def share_out_among_fewer_heads(page) -> None:
    """Moves the number of heads from 8 to 7, which is refused, and to 4, which is drawn."""
    handle = page.locator(f"{labelled('h')} .noUi-handle").first
    handle.scroll_into_view_if_needed()
    box = handle.locator(BOX)
    handle.focus()
    page.keyboard.press("ArrowLeft")
    box.get_by_text("cannot be shared out among 7 heads").first.wait_for(timeout=10_000)
    with redrawn(page, box):
        page.keyboard.press("ArrowLeft")
    box.get_by_role("status").get_by_text("/ 4 = ").first.wait_for(timeout=10_000)


def fill_a_blank(page) -> None:
    """Types a text with two blanks, asks for the second, then a text without one."""
    field, box = field_called(page, "text")
    with redrawn(page, box):
        field.fill("he sat [MASK] the table and drank a glass of [MASK].")
        field.press("Enter")
    handle = box.locator(f"{labelled('blank')} .noUi-handle").first
    with redrawn(page, box):
        handle.focus()
        page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    box.get_by_text("blank 3 is asked for, and the text has 2").first.wait_for(timeout=10_000)
    page.keyboard.press("ArrowLeft")
    field.fill("he sat <b>down")
    field.press("Enter")
    box.get_by_text("write [MASK] where a word is missing").first.wait_for(timeout=10_000)


def ask_what_follows(page) -> None:
    """Types another text B: its pieces are read back; then nothing."""
    field, box = field_called(page, "B", 0)
    with redrawn(page, box):
        field.fill("He bought a gallon of milk.")
        field.press("Enter")
    box.get_by_role("status").get_by_text("[SEP] he bought a").first.wait_for(timeout=10_000)
    field.fill("")
    field.press("Enter")
    box.get_by_text("there is nothing to read").first.wait_for(timeout=10_000)


def place_a_sentence(page) -> None:
    """Puts a sentence of one's own on the map of senses, then one that lacks the word."""
    box = page.locator(".widget-vbox:has(.js-plotly-plot)").first
    box.scroll_into_view_if_needed()
    field = box.locator("input[type=text]")
    for typed, answer in (("The bank closed my account.", "yours lies nearest to"),
                          ("<b>The moon rose.", "must hold the word 'bank'")):  # fmt: skip
        field.fill(typed)
        field.press("Enter")
        box.get_by_text(answer).first.wait_for(timeout=10_000)


def search_for_a_meaning(page) -> None:
    """Types a paraphrase; the article that it means is found; then nothing, and is told so."""
    field, box = field_called(page, "look for")
    with redrawn(page, box):
        field.fill("how do planes stay in the air")
        field.press("Enter")
    said = box.get_by_role("status")
    said.get_by_text(re.compile("nearest in meaning: .*(airplane|aircraft)")).first.wait_for(
        timeout=10_000
    )
    field.fill("")
    field.press("Enter")
    box.get_by_text("type something to look for").first.wait_for(timeout=10_000)


def ask_a_paragraph(page) -> None:
    """Pastes a paragraph and asks about it; the answer stands there in the paragraph's own letters.

    A threshold above all scores leaves no answer, and without a question there is none either.
    """
    paragraph = (
        "The old bridge of Växjö was built of oak in 1871, by a carpenter called Åke Öström. A "
        "flood carried it away, and today boats cross the river there."
    )
    type_a_text(page, "passage", paragraph)
    type_a_text(page, "question", "When was the old bridge built?")
    field, box = field_called(page, "question")
    said = box.get_by_role("status")
    said.get_by_text(re.compile(r"the best span: [^\n]*1871")).first.wait_for(timeout=10_000)
    found = said.inner_text().split("the best span: ")[1].split("\n")[0]
    assert found.strip() in paragraph
    box.locator(f"{labelled('threshold τ')} .noUi-handle").first.focus()
    page.keyboard.press("End")
    said.get_by_text("not more than").first.wait_for(timeout=10_000)
    field.fill("")
    field.press("Enter")
    box.get_by_text("there must be a question").first.wait_for(timeout=10_000)


# Where the first slider may leave the picture as it is, another one is moved.
SLIDERS = {"00_introduction": "sentences to keep", "05_seq2seq_2014": "piece",
           "07_attention_2016": "step", "11_bert_2019": "layer",
           "12_bert_finetuning_2019": "examples"}  # fmt: skip

WITHOUT_SLIDERS = ("13_lineage",)  # sentences are typed there, and buttons pressed

# What a reader does in each lecture beside moving a slider.
STEPS = {
    "00_introduction": [
        search_for_a_meaning,
        lambda page: type_a_text(page, "article", "Bridge"),
        lambda page: translate_a_sentence(page, "Eine Frau liest ein Buch.", "book"),
    ],
    "01_nplm_2003": [type_a_word],
    "02_autoencoder_2006": [read_a_map],
    "03_rnn_generation_2011": [
        lambda page: let_it_write(page, "The meaning of life is not"),
        lambda page: type_a_text(page, "sentence", "Der Zug nach Zanzibar."),
    ],
    "04_word2vec_2013": [calculate_an_analogy, search_the_map],
    "05_seq2seq_2014": [
        lambda page: translate_a_sentence(page, "Ein Mann spielt Gitarre.", "guitar"),
        lambda page: step_through_the_decoder(page, "German sentence", "Eine Frau liest ein Buch."),
    ],
    "06_char_rnn_2015": [
        lambda page: let_it_write(page, "def parse(text):"),
        lambda page: type_a_text(page, "text", 'f("(")  /* " */ + g((a))'),
    ],
    "07_attention_2016": [
        lambda page: translate_a_sentence(page, "Ein Mann spielt Gitarre.", "guitar"),
    ],
    "08_gnmt_2016": [
        lambda page: translate_a_sentence(page, "Ein Mann spielt Gitarre.", "guitar"),
    ],
    "09_multilingual_2016": [translate_a_mixed_sentence, blend_two_tags, recolour_the_map],
    "10_transformer_2017": [
        share_out_among_fewer_heads,
        lambda page: press_a_button(page, "attention to X", "LayerNorm(y + MultiHead(y, x, x))"),
        lambda page: move_a_slider(page, "head"),
    ],
    "11_bert_2019": [
        fill_a_blank,
        ask_what_follows,
        place_a_sentence,
        lambda page: type_a_text(page, "sentences", "A dog runs.\nA puppy is racing."),
    ],
    "12_bert_finetuning_2019": [
        ask_a_paragraph,
        lambda page: press_a_button(page, "how much alike?", "[SEP] nobody is making music"),
        lambda page: type_a_text(page, "sentence", "Zoë Blåmander lives in Malmö."),
        lambda page: type_a_text(page, "choices", "They swim.\nHe played the piano."),
    ],
    "13_lineage": [
        lambda page: type_a_text(page, "first", "Mary admires John."),
        lambda page: press_a_button(page, "megabytes of data"),
    ],
}
