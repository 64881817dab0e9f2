# Runs deploy/logstash/filters/otlp.rb as Logstash's ruby filter does: the file becomes the methods of one object. Takes
# a request a line on standard input, answers the fields of its events, a line of JSON each.
require 'json'

module LogStash
  # As much of an event as the filter uses.
  class Event
    def initialize(fields)
      @fields = fields
    end

    def get(name)
      @fields[name]
    end

    def to_hash
      @fields
    end
  end
end

filter = Object.new
path = ARGV.fetch(0)
filter.instance_eval(File.read(path), path)
filter.register({})
$stdin.each_line do |line|
  puts JSON.generate(filter.filter(LogStash::Event.new(JSON.parse(line))).map(&:to_hash))
end
