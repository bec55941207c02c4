// Two more readers of calendars, those of many web programs: node readers.mjs <a package.json beside them>.
// Reads a calendar from stdin; writes {reader: [event, …]} with moments in UTC and whole days as dates.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const require = createRequire(process.argv[2])
const text = readFileSync(0, 'utf8')
const moment = (date) => date.toISOString().slice(0, 19)
const two = (number) => String(number).padStart(2, '0')

function byIcalJs () {
  const ICAL = require('ical.js')
  const calendar = new ICAL.Component(ICAL.parse(text))
  // Its times come from the VTIMEZONE in the calendar, not from a table of its own.
  for (const zone of calendar.getAllSubcomponents('vtimezone')) ICAL.TimezoneService.register(zone)
  const when = (time) => time.isDate ? time.toString() : moment(time.toJSDate())
  const said = (component, name) => String(component.getFirstPropertyValue(name) ?? '')
  return calendar.getAllSubcomponents('vevent').map((component) => {
    const event = new ICAL.Event(component)
    return [
      event.uid, when(event.startDate), when(event.endDate), event.summary, said(component, 'description'),
      said(component, 'location'), said(component, 'status'), event.sequence
    ]
  })
}

function byNodeIcal () {
  const read = require('node-ical').sync.parseICS(text)
  const when = (date, whole) => whole
    ? `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
    : moment(date)
  return Object.values(read).filter((part) => part.type === 'VEVENT').map((event) => [
    event.uid, when(event.start, event.datetype === 'date'), when(event.end, event.datetype === 'date'),
    event.summary, event.description ?? '', event.location ?? '', event.status, Number(event.sequence)
  ])
}

process.stdout.write(JSON.stringify({ 'ical.js': byIcalJs(), 'node-ical': byNodeIcal() }))
