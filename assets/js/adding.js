// The sum under a milestone plan, while its shares are being typed. The server works it out again with every save.
//
// [data-shares] shows it, and lies in the fieldset of the rows, whose inputs end in -percent.

export function addShares (place) {
  const inputs = [...place.closest('fieldset').querySelectorAll('input[name$="-percent"]')]
  const add = () => {
    const shares = inputs.map((input) => input.value.replace(/[,\s]|%$/g, ''))
    if (shares.some((share) => share && !/^\d+$/.test(share))) return // not a number yet: the last sum stays
    const sum = shares.reduce((total, share) => total + Number(share), 0)
    const left = 100 - sum
    place.textContent = `${sum} %${left > 0 ? `, ${left} % to go` : left < 0 ? `, ${-left} % too much` : ''}`
  }
  inputs.forEach((input) => input.addEventListener('input', add))
  place.setAttribute('aria-live', 'polite')
}
