// Package zipkinexporter is the HTTP half of the Collector's zipkin exporter, whose module is not served at the version
// that everything else has. What decides how a span looks in Zipkin, the translation, is the Collector's own package.
package zipkinexporter

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/translator/zipkin/zipkinv2"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/confighttp"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/config/configretry"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/exporter/exporterhelper"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// Config has the keys of the original, but for its format: JSON, which is its default.
type Config struct {
	confighttp.ClientConfig `mapstructure:",squash"`
	Retry                   configretry.BackOffConfig                                `mapstructure:"retry_on_failure"`
	Queue                   configoptional.Optional[exporterhelper.QueueBatchConfig] `mapstructure:"sending_queue"`
}

// NewFactory makes exporters of the type "zipkin".
func NewFactory() exporter.Factory {
	return exporter.NewFactory(
		component.MustNewType("zipkin"),
		func() component.Config {
			return &Config{
				ClientConfig: confighttp.NewDefaultClientConfig(),
				Retry:        configretry.NewDefaultBackOffConfig(),
				Queue:        configoptional.Some(exporterhelper.NewDefaultQueueConfig()),
			}
		},
		exporter.WithTraces(create, component.StabilityLevelBeta),
	)
}

type sender struct {
	config     *Config
	telemetry  component.TelemetrySettings
	translator ptrace.Marshaler
	client     *http.Client
}

func create(ctx context.Context, settings exporter.Settings, config component.Config) (exporter.Traces, error) {
	s := &sender{config: config.(*Config), telemetry: settings.TelemetrySettings, translator: zipkinv2.NewJSONTracesMarshaler()}
	return exporterhelper.NewTraces(ctx, settings, config, s.send,
		exporterhelper.WithStart(s.start),
		exporterhelper.WithTimeout(exporterhelper.TimeoutConfig{Timeout: 0}), // the client has its own
		exporterhelper.WithRetry(s.config.Retry),
		exporterhelper.WithQueue(s.config.Queue))
}

func (s *sender) start(ctx context.Context, host component.Host) error {
	client, err := s.config.ToClient(ctx, host.GetExtensions(), s.telemetry)
	s.client = client
	return err
}

// send fails for good where sending again would not help: spans that cannot be translated, and refusals.
func (s *sender) send(ctx context.Context, traces ptrace.Traces) error {
	body, err := s.translator.MarshalTraces(traces)
	if err != nil {
		return consumererror.NewPermanent(err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.config.Endpoint, bytes.NewReader(body))
	if err != nil {
		return consumererror.NewPermanent(err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := s.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode < 300 {
		return nil
	}
	reason, _ := io.ReadAll(io.LimitReader(response.Body, 300))
	err = fmt.Errorf("zipkin answered %s: %s", response.Status, reason)
	if response.StatusCode < 500 && response.StatusCode != http.StatusTooManyRequests {
		return consumererror.NewPermanent(err)
	}
	return err
}
