# One OTLP/JSON export request becomes one event per log record. Run by Logstash's ruby filter (script_params: none) and,
# in tests/backends, by plain Ruby.
require 'digest'
require 'json'
require 'time'

def register(_params); end

def filter(event)
  position = 0
  (event.get('resourceLogs') || []).flat_map do |group|
    resource = attributes(group.dig('resource', 'attributes'))
    (group['scopeLogs'] || []).flat_map do |scope|
      (scope['logRecords'] || []).map do |record|
        position += 1
        LogStash::Event.new(document(record, resource, scope['scope'] || {}, position))
      end
    end
  end
end

# Attributes and resource keep their names and types: the template maps them as flattened, so dots and mixed types cannot
# make Elasticsearch refuse a line.
def document(record, resource, scope, position)
  nanos = record['timeUnixNano'].to_i
  nanos = record['observedTimeUnixNano'].to_i if nanos.zero?
  values = attributes(record['attributes'])
  stack = values.delete('exception.stacktrace')
  fields = {
    '@timestamp' => Time.at(nanos / 1_000_000_000, nanos % 1_000_000_000, :nsec).utc.iso8601(9),
    'message' => text(plain(record['body'])),
    'level' => level(record),
    'severity_number' => number(record['severityNumber']),
    'service_name' => resource['service.name'],
    'logger_name' => scope['name'],
    'trace_id' => present(record['traceId'])&.downcase,
    'span_id' => present(record['spanId'])&.downcase,
    'event_name' => present(record['eventName']),
    'stack_trace' => stack && text(stack),
    'resource' => resource,
    'attributes' => values
  }.compact
  # Two equal lines of one nanosecond differ by their place in the request; the same request sent again does not.
  identity = [nanos.to_s, resource, scope['name'], record['traceId'], record['spanId'], fields['message'], position]
  fields.merge('log_id' => Digest::SHA1.hexdigest(JSON.generate(identity)))
end

def level(record)
  named = present(record['severityText'])
  return named.upcase if named

  severity = number(record['severityNumber'])
  %w[TRACE DEBUG INFO WARN ERROR FATAL][(severity - 1) / 4] if severity&.between?(1, 24)
end

# An AnyValue is an object with one key that names the type. Whole numbers of 64 bits come as text and stay whole.
def plain(value)
  kind, content = (value || {}).first
  case kind
  when 'intValue' then number(content) || content
  when 'doubleValue' then content.is_a?(Numeric) ? content : content.to_s
  when 'arrayValue' then (content['values'] || []).map { |item| plain(item) }
  when 'kvlistValue' then attributes(content['values'])
  else content
  end
end

def attributes(list)
  (list || []).to_h { |entry| [entry['key'], plain(entry['value'])] }.compact
end

def text(value)
  value.nil? || value.is_a?(String) ? value : JSON.generate(value)
end

def number(value)
  Integer(value.to_s, 10, exception: false)
end

def present(value)
  value.to_s.empty? ? nil : value.to_s
end
