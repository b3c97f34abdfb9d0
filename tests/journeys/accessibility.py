"""What `check_page` holds every page to, and how the parts that axe has passed are known again.

Pages are built from the same parts: a question, a row of a table, the head of every page. axe looks at each part once at each width: it
is shown the whole page without the parts that it has passed before, and nothing when all of them have been passed. Two parts are the
same when they differ in words and figures only; their classes, which colour them, and what surrounds them must agree.
"""

from typing import Any

from playwright.sync_api import Page

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
NARROW_RULES = ["target-size", "scrollable-region-focusable"]
"""What a narrower page may break; the rest of axe's rules do not look at the width."""
SCRIPT = "/axe.js"
"""Where the journeys' addresses have axe: a script that the browser keeps is compiled once."""

STRUCTURE = """() => {
  const faults = []
  const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth
  if (wide > 0) faults.push(`the page scrolls sideways by ${wide} px`)
  const h1s = document.querySelectorAll('h1').length
  if (h1s !== 1) faults.push(`${h1s} h1 instead of one`)
  if (!/ – Pumphouse$/.test(document.title)) faults.push(`the title is "${document.title}"`)
  if (document.documentElement.lang !== 'en-GB' && document.documentElement.lang !== 'en') faults.push('the page has no language')
  for (const link of document.querySelectorAll('a[href^="#"]')) {
    const id = link.getAttribute('href').slice(1)
    if (id && !document.getElementById(id)) faults.push(`#${id} leads nowhere`)
  }
  for (const name of ['for', 'aria-labelledby', 'aria-describedby', 'aria-controls', 'headers']) {
    for (const element of document.querySelectorAll(`[${name}]`)) {
      const dead = element.getAttribute(name).split(/\\s+/).filter(id => id && !document.getElementById(id))
      if (dead.length) faults.push(`${name}="${dead}" of <${element.localName}> names nothing`)
    }
  }
  for (const styled of document.querySelectorAll('[style]')) {
    if (!styled.closest('svg')) faults.push(`inline style on <${styled.localName}>`)
  }
  const ids = [...document.querySelectorAll('[id]')].map(element => element.id)
  for (const id of new Set(ids.filter((id, place) => ids.indexOf(id) !== place))) faults.push(`id "${id}" twice`)
  return faults
}"""

PARTS = """() => {
  const holders = 'body, main, form, fieldset, table, thead, tbody, dl, ul, ol, section, article, aside, .govuk-width-container, '
    + '.govuk-main-wrapper, .govuk-grid-row, [class*=govuk-grid-column], .govuk-form-group > .govuk-fieldset'
  const meant = /^(class|role|type|scope|lang|tabindex|autocomplete|aria-.*)$/
  const linked = /^(id|for|headers|list|form|aria-labelledby|aria-describedby|aria-controls|aria-owns)$/
  const says = element => [...element.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.data.trim())
  const plain = text => text.replace(/js-enabled|govuk-frontend-supported|[0-9]+/g, '').trim()
  const described = (element, ids) => {
    const known = id => ids.has(id) ? ids.get(id) : (ids.set(id, ids.size), ids.size - 1)
    const attributes = [...element.attributes].filter(({name}) => !name.endsWith('-init')).map(({name, value}) => name + '=' + (
      linked.test(name) ? value.split(/\\s+/).map(known) : meant.test(name) ? plain(value) : Boolean(value)))
    return [element.localName, ...attributes, says(element)].join(' ')
  }
  const written = (element, ids) => {
    const inside = [...element.children].map(child => written(child, ids)).filter((line, place, all) => line !== all[place - 1])
    return described(element, ids) + (inside.length ? '(' + inside.join(',') + ')' : '')
  }
  const found = []
  const look = (element, around) => {
    const kinds = [...new Set([...element.children].map(child => child.localName))]
    const inside = around + '>' + element.localName + ' ' + plain(element.getAttribute('class') || '')
    if (!element.matches(holders)) return found.push({element, key: around + '>' + written(element, new Map())})
    const holds = element.matches('ul, ol, dl, table, thead, tbody') ? ' of ' + kinds : ''
    found.push({element: null, key: around + '>' + described(element, new Map()) + holds})
    for (const child of element.children) if (child.localName !== 'script' && child.type !== 'hidden') look(child, inside)
  }
  look(document.body, String(innerWidth))
  return found
}"""

KEYS = f"() => ({PARTS})().map(part => part.key)"
RUN = f"""async ([options, passed]) => {{
  const exclude = ({PARTS})().filter(part => part.element && passed.includes(part.key)).map(part => part.element)
  const found = await axe.run({{include: [document.documentElement], exclude}}, options)
  return found.violations.map(one => `${{one.id}}: ${{one.help}} at ${{JSON.stringify(one.nodes.slice(0, 3).map(node => node.target))}}`)
}}"""


class Checked:
    """What axe has passed so far in this process."""

    def __init__(self) -> None:
        self.passed: set[tuple[Any, ...]] = set()

    def check(self, page: Page, rules: list[str], kind: str) -> None:
        """Fail on any fault of the page's structure, and on any violation that axe finds in what is new on it."""
        page.wait_for_load_state("load")
        faults = page.evaluate(STRUCTURE)
        assert faults == [], f"{page.url}: {faults}"
        keys = page.evaluate(KEYS)
        known = [key for key in keys if (key, *rules) in self.passed]
        if len(known) == len(keys):
            return
        if not page.evaluate("'axe' in window"):
            page.add_script_tag(url=SCRIPT)
        options = {"runOnly": {"type": kind, "values": rules}, "resultTypes": ["violations"], "preload": False}
        faults = page.evaluate(RUN, [options, known])
        assert faults == [], f"{page.url}: {faults}"
        self.passed.update((key, *rules) for key in keys)
