// A Collector of exactly the components that deploy/collector/collector.yaml names. The builder of the project would
// run go mod tidy, which needs modules that are not served; a list written by hand does without.
package main

import (
	"log"

	"github.com/open-telemetry/opentelemetry-collector-contrib/connector/spanmetricsconnector"
	"github.com/open-telemetry/opentelemetry-collector-contrib/exporter/prometheusexporter"
	"github.com/open-telemetry/opentelemetry-collector-contrib/extension/healthcheckextension"
	"github.com/open-telemetry/opentelemetry-collector-contrib/extension/storage/filestorage"
	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/filterprocessor"
	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/resourceprocessor"
	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/tailsamplingprocessor"
	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/transformprocessor"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/provider/envprovider"
	"go.opentelemetry.io/collector/confmap/provider/fileprovider"
	"go.opentelemetry.io/collector/confmap/provider/yamlprovider"
	"go.opentelemetry.io/collector/connector"
	"go.opentelemetry.io/collector/connector/forwardconnector"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/exporter/otlphttpexporter"
	"go.opentelemetry.io/collector/extension"
	"go.opentelemetry.io/collector/otelcol"
	"go.opentelemetry.io/collector/processor"
	"go.opentelemetry.io/collector/processor/batchprocessor"
	"go.opentelemetry.io/collector/processor/memorylimiterprocessor"
	"go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/collector/receiver/otlpreceiver"
	"go.opentelemetry.io/collector/service/telemetry/otelconftelemetry"

	"bongsu/tests/collector/zipkinexporter"
)

func main() {
	settings := otelcol.CollectorSettings{
		BuildInfo: component.BuildInfo{Command: "collector", Version: "0.155.0"},
		Factories: components,
		ConfigProviderSettings: otelcol.ConfigProviderSettings{ResolverSettings: confmap.ResolverSettings{
			ProviderFactories: []confmap.ProviderFactory{envprovider.NewFactory(), fileprovider.NewFactory(), yamlprovider.NewFactory()},
		}},
	}
	if err := otelcol.NewCommand(settings).Execute(); err != nil {
		log.Fatal(err)
	}
}

func components() (otelcol.Factories, error) {
	return otelcol.Factories{
		Extensions: named[extension.Factory](filestorage.NewFactory(), healthcheckextension.NewFactory()),
		Receivers:  named[receiver.Factory](otlpreceiver.NewFactory()),
		Processors: named[processor.Factory](
			memorylimiterprocessor.NewFactory(), resourceprocessor.NewFactory(), transformprocessor.NewFactory(),
			filterprocessor.NewFactory(), tailsamplingprocessor.NewFactory(), batchprocessor.NewFactory()),
		Connectors: named[connector.Factory](forwardconnector.NewFactory(), spanmetricsconnector.NewFactory()),
		Exporters: named[exporter.Factory](
			zipkinexporter.NewFactory(), prometheusexporter.NewFactory(), otlphttpexporter.NewFactory()),
		Telemetry: otelconftelemetry.NewFactory(),
	}, nil
}

func named[F component.Factory](factories ...F) map[component.Type]F {
	names := make(map[component.Type]F, len(factories))
	for _, factory := range factories {
		names[factory.Type()] = factory
	}
	return names
}
