/** The backends that telemetry may be read from, and what can be wrong with one. */
export const source = {
  missing: '{trouble} What comes from it is missing here.',
  missing_since: '{trouble} Since {at}; what comes from it is missing here.',
  /** By the code of a source's warning. */
  warning: {},
  trouble: {
    refused: '{source} refuses the connection: nothing listens at its address. Start it, or correct host and port in {setting}_URL.',
    unknown_host: 'The host name of {source} is not known. Check its spelling in {setting}_URL, and the name server.',
    unreachable: 'There is no way to the host of {source}. Check the network and the firewall between here and there.',
    forbidden_address: 'The name of {source} leads to an address where no backend may be. Correct {setting}_URL or the name server.',
    tls: 'No secure connection to {source}: its certificate is not trusted, or it does not speak TLS. Name its authority in {setting}_CA, or use http:// in {setting}_URL.',
    timeout: '{source} did not answer in time. It may be overloaded or stuck: look at its own log, or ask for less.',
    cut_off: '{source} ended the connection in the middle of its answer. It may be restarting: look at its own log.',
    redirect: '{source} points elsewhere, which is not followed. Put the final address into {setting}_URL.',
    unauthorised: '{source} does not accept our credentials. Correct {setting}_USERNAME and _PASSWORD, _TOKEN or _API_KEY.',
    forbidden: '{source} accepts our credentials but does not let them read this. Give that account the right to read.',
    not_found: '{source} does not know this path. {setting}_URL may lack a path, or have one too many.',
    rejected: '{source} refused the question ({status}). Ask for something narrower; if it goes on, its release may be too old.',
    overloaded: '{source} is overloaded ({status}) and asks to be left alone for a moment. It is tried again by itself.',
    failing: '{source} failed inside ({status}). Look at its own log.',
    too_large: 'The answer of {source} is too large. Narrow the range or the filter.',
    wrong_content: 'At the address of {source} something answers that is no API, perhaps a login page or a proxy. Check {setting}_URL.',
    bad_answer: '{source} answered in a form that cannot be read. Its release may not be supported, or something between changes its answers.',
    wrong_product: 'At the address of {source} another program answers. Check {setting}_URL.',
    paused: '{source} failed several times in a row and is left alone. It is used again within seconds of its return.',
    busy: 'Too many questions to {source} at once. Try again in a moment.',
  },
}
